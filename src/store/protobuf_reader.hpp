// Protobuf's wire format, read field by field without a schema and without copies: enough for the
// few fields of a foreign message that are wanted (protobuf.dev/programming-guides/encoding).
//
//   ProtobufReader reader(message);
//   while (const auto field = reader.next()) {
//     switch (field->key()) {
//       case protobuf_key(10, WireType::kBytes): name = field->bytes; break;
//     }
//   }
//   if (reader.damaged()) ...
//
// A field whose number is known and whose wire type is another is an unknown one, as in the
// libraries. Groups, which proto3 does not have, count as damage. Whatever the bytes are, a message
// is gone through once, in its length, and nothing outside it is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace npu::store {

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

constexpr std::uint32_t protobuf_key(std::uint32_t number, WireType type) {
  return number << 3 | static_cast<std::uint32_t>(type);
}

struct ProtobufField {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t value = 0;  // of kVarint, and the bits of kFixed64 and kFixed32
  std::string_view bytes;   // of kBytes: a text, a message or packed numbers, within the message

  std::uint32_t key() const { return protobuf_key(number, type); }
  double as_double() const;  // of kFixed64
  float as_float() const;    // of kFixed32
};

class ProtobufReader {
 public:
  // message: has to outlive the reader and what it returns.
  explicit ProtobufReader(std::string_view message) : rest_(message) {}

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
  std::optional<std::uint64_t> take_fixed(std::size_t bytes);
  bool take_value(ProtobufField& field);

  std::string_view rest_;
  bool damaged_ = false;
};

}  // namespace npu::store
