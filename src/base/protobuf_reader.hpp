// Protobuf's wire format, read field by field without a schema and without copies: enough for the
// few fields of a foreign message that are wanted (protobuf.dev/programming-guides/encoding).
//
//   ProtobufReader reader(message);
//   while (const auto field = reader.next()) {
//     switch (field->key()) {
//       case protobuf_key(10, WireType::kBytes): name = field->text(); break;
//     }
//   }
//   if (reader.damaged()) ...
//
// Who switches on key() takes a known number of another wire type for an unknown field, as the
// libraries do. Groups, which proto3 does not have, count as damage. Whatever the bytes are, a
// message is gone through once, in its length, and nothing outside it is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace npu {

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

constexpr std::uint32_t protobuf_key(std::uint32_t number, WireType type) {
  return number << 3 | static_cast<std::uint32_t>(type);
}

struct ProtobufField {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t value = 0;  // of kVarint, and the bits of kFixed64 and kFixed32
  // Of kBytes a text, a message or packed numbers; of kFixed64 and kFixed32 what value is made of.
  std::span<const std::byte> bytes;

  std::uint32_t key() const { return protobuf_key(number, type); }
  std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  double as_double() const;  // of kFixed64
  float as_float() const;    // of kFixed32
};

class ProtobufReader {
 public:
  // message: has to outlive the reader and what it returns.
  explicit ProtobufReader(std::span<const std::byte> message) : rest_(message) {}

  // Nothing at the end, and where no field begins or one is cut off: damaged() tells.
  std::optional<ProtobufField> next();

  // The next number of a packed list of varints.
  std::optional<std::uint64_t> next_varint();

  // The next number of a packed list of doubles, or of floats.
  std::optional<double> next_double();
  std::optional<float> next_float();

  bool damaged() const { return damaged_; }

 private:
  std::optional<std::uint64_t> take_varint();
  std::optional<std::uint64_t> take_fixed(std::size_t count, std::span<const std::byte>& bytes);
  bool take_value(ProtobufField& field);

  std::span<const std::byte> rest_;
  bool damaged_ = false;
};

}  // namespace npu
