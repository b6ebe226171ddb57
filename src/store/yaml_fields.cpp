#include "store/yaml_fields.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.hpp"
#include "base/utf8.hpp"

namespace npu::store {
namespace {

constexpr std::size_t kShownBytes = 64;

bool is_plain(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

std::string shown(const YAML::Node& node) {
  if (node.IsScalar()) return for_terminal(utf8_prefix(node.Scalar(), kShownBytes));
  return node.IsMap() ? "a mapping" : node.IsSequence() ? "a list" : "nothing";
}

}  // namespace

YamlFields::YamlFields(const YAML::Node& map, std::string within)
    : map_(map), within_(std::move(within)) {}

bool YamlFields::has(const char* key) const {
  const YAML::Node node = map_[key];
  return node.IsDefined() && !node.IsNull();
}

std::string YamlFields::text(const char* key, std::size_t most, std::string otherwise) {
  if (!has(key)) return otherwise;
  const YAML::Node node = map_[key];
  if (!node.IsScalar() || node.Scalar().size() > most || !is_plain(node.Scalar())) {
    wrong(key, fmt::format("a text of at most {} bytes in one line, got {}", most, shown(node)));
    return otherwise;
  }
  return node.Scalar();
}

std::optional<std::string> YamlFields::one_of(const char* key,
                                              std::span<const std::string_view> choices) {
  if (!has(key)) return std::nullopt;
  const YAML::Node node = map_[key];
  if (node.IsScalar()) {
    std::string text = to_lower(node.Scalar());
    if (std::ranges::find(choices, text) != choices.end()) return text;
  }
  wrong(key, fmt::format("one of {}, got {}", fmt::join(choices, ", "), shown(node)));
  return std::nullopt;
}

std::uint64_t YamlFields::number(const char* key, std::uint64_t min, std::uint64_t max,
                                 std::uint64_t otherwise) {
  if (!has(key)) return otherwise;
  const YAML::Node node = map_[key];
  std::uint64_t value = 0;
  if (node.IsScalar()) {
    const std::string& text = node.Scalar();
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end && value >= min && value <= max) return value;
  }
  wrong(key, fmt::format("a whole number in {}..{}, got {}", min, max, shown(node)));
  return otherwise;
}

bool YamlFields::flag(const char* key, bool otherwise) {
  if (!has(key)) return otherwise;
  const YAML::Node node = map_[key];
  if (node.IsScalar() && node.Scalar() == "true") return true;
  if (node.IsScalar() && node.Scalar() == "false") return false;
  wrong(key, fmt::format("true or false, got {}", shown(node)));
  return otherwise;
}

void YamlFields::wrong(const std::string& key, std::string_view right) {
  if (!status_) return;
  status_ = fail(ErrorCode::kMalformed, fmt::format("{}{} must be {}", within_, key, right));
}

}  // namespace npu::store
