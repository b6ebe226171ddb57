// Protobuf's wire format, field by field, over bytes that somebody else keeps. Bounds are checked;
// groups, which onnx.proto has none of, are an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace npu::onnx {

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct Field {
  std::uint64_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t value = 0;           // of a varint
  std::span<const std::byte> bytes;  // of the others
};

class ProtoReader {
 public:
  explicit ProtoReader(std::span<const std::byte> message) : rest_(message) {}

  bool done() const { return rest_.empty(); }
  // Nothing where the encoding is broken.
  std::optional<Field> next() {
    const auto tag = varint();
    if (!tag || *tag > UINT32_MAX || *tag >> 3 == 0) return std::nullopt;
    Field field{.number = *tag >> 3, .type = static_cast<WireType>(*tag & 7), .bytes = {}};
    switch (field.type) {
      case WireType::kVarint: return with_value(field, varint());
      case WireType::kFixed64: return with_bytes(field, bytes(8));
      case WireType::kFixed32: return with_bytes(field, bytes(4));
      case WireType::kBytes: {
        const auto length = varint();
        return with_bytes(field, length ? bytes(*length) : std::nullopt);
      }
    }
    return std::nullopt;
  }
  // One number of a packed list.
  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(rest_.front());
      rest_ = rest_.subspan(1);
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }

 private:
  using Bytes = std::optional<std::span<const std::byte>>;

  Bytes bytes(std::uint64_t count) {
    if (count > rest_.size()) return std::nullopt;
    const auto taken = rest_.first(static_cast<std::size_t>(count));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  static std::optional<Field> with_value(Field field, std::optional<std::uint64_t> value) {
    if (!value) return std::nullopt;
    field.value = *value;
    return field;
  }
  static std::optional<Field> with_bytes(Field field, Bytes bytes) {
    if (!bytes) return std::nullopt;
    field.bytes = *bytes;
    return field;
  }

  std::span<const std::byte> rest_;
};

}  // namespace npu::onnx
