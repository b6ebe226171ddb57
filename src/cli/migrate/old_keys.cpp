#include "cli/migrate/old_keys.hpp"

#include <algorithm>

#include <yaml-cpp/yaml.h>

namespace npu::cli::migrate {
namespace {

constexpr int kMostLevels = 8;
constexpr std::size_t kMostKeys = 500;
constexpr std::size_t kMostValues = 64;

Status add(const YAML::Node& node, const std::string& name, int level, std::vector<OldKey>& out) {
  if (level > kMostLevels || out.size() >= kMostKeys) {
    return fail(ErrorCode::kMalformed, "it has more than a configuration has");
  }
  if (node.IsMap()) {
    for (const auto& member : node) {
      const auto key = member.first.as<std::string>();
      const auto done = add(member.second, name.empty() ? key : name + "." + key, level + 1, out);
      if (!done) return done;
    }
    return {};
  }
  OldKey key{name, {}, node.IsSequence()};
  if (node.IsScalar()) key.values.push_back(node.Scalar());
  if (node.IsSequence()) {
    for (const auto& element : node) {
      if (!element.IsScalar() || key.values.size() == kMostValues) {
        return fail(ErrorCode::kMalformed, name + " is a list of something else than values");
      }
      key.values.push_back(element.Scalar());
    }
  }
  // null says nothing.
  if (!node.IsNull()) out.push_back(std::move(key));
  return {};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::string_view without_quotes(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                      text.front() == text.back();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

Result<std::vector<OldKey>> parse_old_yaml(const std::string& text) {
  std::vector<OldKey> keys;
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull()) return keys;
    if (!root.IsMap()) return fail(ErrorCode::kMalformed, "it is no mapping of keys");
    const auto done = add(root, {}, 0, keys);
    if (!done) return fail(done.error());
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::kMalformed, error.what());
  }
  return keys;
}

std::vector<OldKey> parse_old_environment(std::string_view text) {
  std::vector<OldKey> keys;
  while (!text.empty() && keys.size() < kMostKeys) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto equals = line.find('=');
    if (line.empty() || line.front() == '#' || line.front() == ';' ||
        equals == std::string_view::npos) {
      continue;
    }
    keys.push_back({std::string(trimmed(line.substr(0, equals))),
                    {std::string(without_quotes(trimmed(line.substr(equals + 1))))},
                    false});
  }
  return keys;
}

const OldKey* find_key(const std::vector<OldKey>& keys, std::string_view name) {
  const auto found = std::ranges::find(keys, name, &OldKey::name);
  return found == keys.end() ? nullptr : &*found;
}

}  // namespace npu::cli::migrate
