// A YAML mapping read key by key; what nobody asked for is an error.
#pragma once

#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

namespace npu::device::sim {

// Thrown inside profile parsing only; parse_profile and read_faults turn it into an Error.
struct YamlError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[noreturn]] void yaml_fail(const YAML::Node& at, const std::string& what);

class YamlReader {
 public:
  // `what` names the mapping in messages: "model yolov8s".
  YamlReader(const YAML::Node& node, std::string what);

  // An undefined node where the key is missing.
  YAML::Node get(std::string_view key);
  YAML::Node need(std::string_view key);

  std::string text(std::string_view key, std::string fallback);
  bool flag(std::string_view key, bool fallback);
  double number(std::string_view key, double fallback, double min, double max);

  // Fails on keys that were not read.
  void finish() const;
  const YAML::Node& node() const { return node_; }

 private:
  YAML::Node node_;
  std::string what_;
  std::set<std::string, std::less<>> read_;
};

double to_number(const YAML::Node& node, std::string_view name, double min, double max);
std::string to_text(const YAML::Node& node, std::string_view name);

}  // namespace npu::device::sim
