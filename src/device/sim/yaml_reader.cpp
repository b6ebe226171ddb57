#include "device/sim/yaml_reader.hpp"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace npu::device::sim {

void yaml_fail(const YAML::Node& at, const std::string& what) {
  const int line = at.IsDefined() ? at.Mark().line : -1;
  throw YamlError(line >= 0 ? fmt::format("line {}: {}", line + 1, what) : what);
}

YamlReader::YamlReader(const YAML::Node& node, std::string what)
    : node_(node), what_(std::move(what)) {
  if (!node_.IsMap()) yaml_fail(node_, what_ + " must be a mapping");
}

YAML::Node YamlReader::get(std::string_view key) {
  read_.emplace(key);
  return std::as_const(node_)[std::string(key)];
}

YAML::Node YamlReader::need(std::string_view key) {
  auto value = get(key);
  if (!value.IsDefined() || value.IsNull()) {
    yaml_fail(node_, fmt::format("{} needs '{}'", what_, key));
  }
  return value;
}

std::string YamlReader::text(std::string_view key, std::string fallback) {
  const auto value = get(key);
  return value.IsDefined() ? to_text(value, key) : std::move(fallback);
}

bool YamlReader::flag(std::string_view key, bool fallback) {
  const auto value = get(key);
  if (!value.IsDefined()) return fallback;
  bool result = false;
  if (!value.IsScalar() || !YAML::convert<bool>::decode(value, result)) {
    yaml_fail(value, fmt::format("{} must be true or false", key));
  }
  return result;
}

double YamlReader::number(std::string_view key, double fallback, double min, double max) {
  const auto value = get(key);
  return value.IsDefined() ? to_number(value, key, min, max) : fallback;
}

void YamlReader::finish() const {
  for (const auto& item : node_) {
    const std::string key = to_text(item.first, "a key");
    if (!read_.contains(key)) {
      yaml_fail(item.first, fmt::format("unknown key '{}' in {}; known are: {}", key, what_,
                                        fmt::join(read_, ", ")));
    }
  }
}

double to_number(const YAML::Node& node, std::string_view name, double min, double max) {
  double value = 0;
  if (!node.IsScalar() || !YAML::convert<double>::decode(node, value) || !std::isfinite(value) ||
      value < min || value > max) {
    yaml_fail(node, fmt::format("{} must be a number {}..{}", name, min, max));
  }
  return value;
}

std::string to_text(const YAML::Node& node, std::string_view name) {
  if (!node.IsScalar()) yaml_fail(node, fmt::format("{} must be text", name));
  return node.Scalar();
}

}  // namespace npu::device::sim
