// ONNX models for tests, in protobuf field by field. Numbers are those of onnx.proto.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace npu::fakes {

inline std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}
inline std::string field(unsigned number, std::string_view bytes) {
  return varint(number << 3 | 2) + varint(bytes.size()) + std::string(bytes);
}
inline std::string number(unsigned field_number, std::uint64_t value) {
  return varint(field_number << 3) + varint(value);
}

constexpr std::uint64_t kUint8Elements = 2;
constexpr std::uint64_t kInt64Elements = 7;
constexpr std::uint64_t kFree = 0;  // as a dimension

inline std::string value_info(std::string_view name, std::uint64_t elements,
                              const std::vector<std::uint64_t>& shape) {
  std::string dimensions;
  for (const auto dim : shape) {
    dimensions += field(1, dim == kFree ? field(2, "n") : number(1, dim));
  }
  return field(1, name) + field(2, field(1, number(1, elements) + field(2, dimensions)));
}
inline std::string value_info_without_shape(std::string_view name, std::uint64_t elements) {
  return field(1, name) + field(2, field(1, number(1, elements)));
}

inline std::string node(std::string_view op, const std::vector<std::string>& inputs,
                        std::string_view output) {
  std::string out;
  for (const auto& input : inputs) out += field(1, input);
  return out + field(2, output) + field(4, op);
}

// graph: its nodes, initializers, inputs (field 11) and outputs (12).
inline std::string model_of(const std::string& graph) {
  return number(1, 8) + field(8, field(1, "") + number(2, 13)) + field(7, graph + field(2, "g"));
}

}  // namespace npu::fakes
