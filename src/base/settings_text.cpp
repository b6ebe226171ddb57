#include "base/settings_text.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <type_traits>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

namespace npu {
namespace {

constexpr std::size_t kWidth = 100;

void emit_value(YAML::Emitter& out, const Settings::Target& target) {
  std::visit(
      [&](const auto* value) {
        using T = std::remove_cvref_t<decltype(*value)>;
        if constexpr (std::is_same_v<T, std::string>) {
          out << YAML::DoubleQuoted << *value;
        } else if constexpr (std::is_same_v<T, double>) {
          out << fmt::format("{}", *value);  // 0.3, where yaml-cpp writes all of its digits
        } else {
          out << *value;
        }
      },
      target);
}

std::vector<std::string> split_key(const std::string& key) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t dot = 0; dot != std::string::npos; begin = dot + 1) {
    dot = key.find('.', begin);
    parts.push_back(key.substr(begin, dot == std::string::npos ? dot : dot - begin));
  }
  return parts;
}

// What the key may be, where not anything of its type.
std::string bounds(const SettingOptions& how) {
  if (!how.choices.empty()) return fmt::format("{}", fmt::join(how.choices, ", "));
  if (!std::isinf(how.min) || !std::isinf(how.max)) return range_text(how, "a number");
  return {};
}

// That, and by what else the key is set.
std::string particulars(const Setting& setting) {
  const SettingOptions& how = setting.how;
  std::vector<std::string> parts;
  if (std::string right = bounds(how); !right.empty()) parts.push_back(std::move(right));
  if (!how.flag.empty()) parts.push_back(how.flag);
  if (!how.env.empty()) parts.push_back(how.env);
  return parts.empty() ? "" : fmt::format(" ({})", fmt::join(parts, "; "));
}

// `text` in lines that begin with `prefix`.
std::string comment(const std::string& text, const std::string& prefix) {
  std::string out;
  std::string line = prefix;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (line.size() + 1 + word.size() > kWidth && line.size() > prefix.size()) {
      out += line + "\n";
      line = prefix;
    }
    line += " " + word;
  }
  return out + line + "\n";
}

}  // namespace

std::string range_text(const SettingOptions& how, std::string_view kind) {
  if (std::isinf(how.min) && std::isinf(how.max)) return fmt::format("{}", kind);
  if (std::isinf(how.max)) return fmt::format("{} of at least {}", kind, how.min);
  return fmt::format("{} in {}..{}", kind, how.min, how.max);
}

std::string shown(const Settings::Target& target) {
  YAML::Emitter out;
  out << YAML::Flow;
  emit_value(out, target);
  return out.c_str();
}

std::string printed(const std::vector<Setting>& settings) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  std::vector<std::string> open;
  for (const Setting& setting : settings) {
    std::vector<std::string> parts = split_key(setting.key);
    const std::string leaf = parts.back();
    parts.pop_back();
    if (parts != open) {
      for (std::size_t i = 0; i < open.size(); ++i) out << YAML::EndMap;
      for (const std::string& part : parts)
        out << YAML::Key << part << YAML::Value << YAML::BeginMap;
      open = parts;
    }
    out << YAML::Key << leaf << YAML::Value;
    emit_value(out, setting.target);
  }
  for (std::size_t i = 0; i < open.size(); ++i) out << YAML::EndMap;
  out << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

std::string sample(const std::vector<Setting>& settings) {
  std::string out;
  std::vector<std::string> open;
  for (const Setting& setting : settings) {
    std::vector<std::string> parts = split_key(setting.key);
    const std::string leaf = parts.back();
    parts.pop_back();
    for (std::size_t depth = 0; parts != open && depth < parts.size(); ++depth) {
      const bool is_open =
          depth < open.size() &&
          std::equal(parts.begin(), parts.begin() + std::ptrdiff_t(depth) + 1, open.begin());
      if (!is_open) out += fmt::format("\n{:{}}{}:\n", "", 2 * depth, parts[depth]);
    }
    if (parts != open && parts.empty()) out += "\n";
    open = parts;
    const std::string indent(2 * parts.size(), ' ');
    out += comment(setting.how.help + particulars(setting), indent + "#");
    out += fmt::format("{}#{}: {}\n", indent, leaf, shown(setting.target));
  }
  return out;
}

std::string described(const std::vector<Setting>& settings) {
  YAML::Emitter out;
  out << YAML::BeginSeq;
  for (const Setting& setting : settings) {
    out << YAML::BeginMap << YAML::Key << "value" << YAML::Value << YAML::Flow;
    emit_value(out, setting.target);
    for (const auto& [name, text] :
         std::initializer_list<std::pair<const char*, std::string>>{{"key", setting.key},
                                                                    {"default", setting.unset},
                                                                    {"from", setting.from},
                                                                    {"where", setting.where},
                                                                    {"env", setting.how.env},
                                                                    {"flag", setting.how.flag},
                                                                    {"right", bounds(setting.how)},
                                                                    {"help", setting.how.help}}) {
      out << YAML::Key << name << YAML::Value << YAML::DoubleQuoted << text;
    }
    out << YAML::EndMap;
  }
  out << YAML::EndSeq;
  return std::string(out.c_str()) + "\n";
}

}  // namespace npu
