// Reads the keys of a YAML mapping that somebody else wrote, and keeps the first mistake.
//
//   YamlFields in(node, "files.onnx.");
//   file.path = in.text("path", 255);
//   if (!in.status()) return fail(in.status().error());   // "files.onnx.path must be a text, ..."
//
// Absent keys leave the default.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <yaml-cpp/yaml.h>

#include <npu/result.hpp>

namespace npu::store {

class YamlFields {
 public:
  // within: written before each key in messages.
  YamlFields(const YAML::Node& map, std::string within);

  YAML::Node child(const char* key) const { return map_[key]; }
  bool has(const char* key) const;

  // Printable text without line ends, of at most `most` bytes.
  std::string text(const char* key, std::size_t most, std::string otherwise = {});
  // One of the choices, in any case of letters.
  std::optional<std::string> one_of(const char* key, std::span<const std::string_view> choices);
  std::uint64_t number(const char* key, std::uint64_t min, std::uint64_t max,
                       std::uint64_t otherwise);
  bool flag(const char* key, bool otherwise);

  // "<within><key> must be <right>"
  void wrong(const std::string& key, std::string_view right);
  const Status& status() const { return status_; }

 private:
  YAML::Node map_;
  std::string within_;
  Status status_;
};

}  // namespace npu::store
