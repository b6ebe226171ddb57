#include "base/protobuf_reader.hpp"

#include <bit>

namespace npu {
namespace {

constexpr std::uint32_t kTypeBits = 3;
constexpr std::uint64_t kHighestNumber = (std::uint64_t{1} << 29) - 1;
constexpr int kLongestVarint = 10;

}  // namespace

double ProtobufField::as_double() const { return std::bit_cast<double>(value); }

float ProtobufField::as_float() const {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value));
}

std::optional<std::uint64_t> ProtobufReader::take_varint() {
  std::uint64_t value = 0;
  for (int i = 0; i < kLongestVarint && static_cast<std::size_t>(i) < rest_.size(); ++i) {
    const auto byte = std::to_integer<std::uint8_t>(rest_[static_cast<std::size_t>(i)]);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << (7 * i);
    if ((byte & 0x80U) == 0) {
      rest_ = rest_.subspan(static_cast<std::size_t>(i) + 1);
      return value;
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ProtobufReader::take_fixed(std::size_t count,
                                                        std::span<const std::byte>& bytes) {
  if (rest_.size() < count) return std::nullopt;
  bytes = rest_.first(count);
  rest_ = rest_.subspan(count);
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint8_t>(bytes[i]);
  }
  return value;
}

bool ProtobufReader::take_value(ProtobufField& field) {
  std::optional<std::uint64_t> number;
  switch (field.type) {
    case WireType::kVarint: number = take_varint(); break;
    case WireType::kFixed64: number = take_fixed(8, field.bytes); break;
    case WireType::kFixed32: number = take_fixed(4, field.bytes); break;
    case WireType::kBytes:
      number = take_varint();
      if (!number || *number > rest_.size()) return false;
      field.bytes = rest_.first(static_cast<std::size_t>(*number));
      rest_ = rest_.subspan(field.bytes.size());
      return true;
    default: return false;
  }
  field.value = number.value_or(0);
  return number.has_value();
}

std::optional<ProtobufField> ProtobufReader::next() {
  if (damaged_ || rest_.empty()) return std::nullopt;
  const auto key = take_varint();
  const std::uint64_t number = key.value_or(0) >> kTypeBits;
  ProtobufField field{.number = static_cast<std::uint32_t>(number),
                      .type = static_cast<WireType>(key.value_or(0) & 7U)};
  damaged_ = number == 0 || number > kHighestNumber || !take_value(field);
  if (damaged_) return std::nullopt;
  return field;
}

std::optional<std::uint64_t> ProtobufReader::next_varint() {
  if (damaged_ || rest_.empty()) return std::nullopt;
  const auto value = take_varint();
  damaged_ = !value;
  return value;
}

std::optional<double> ProtobufReader::next_double() {
  if (damaged_ || rest_.empty()) return std::nullopt;
  std::span<const std::byte> bytes;
  const auto bits = take_fixed(sizeof(double), bytes);
  damaged_ = !bits;
  return bits ? std::optional(std::bit_cast<double>(*bits)) : std::nullopt;
}

std::optional<float> ProtobufReader::next_float() {
  if (damaged_ || rest_.empty()) return std::nullopt;
  std::span<const std::byte> bytes;
  const auto bits = take_fixed(sizeof(float), bytes);
  damaged_ = !bits;
  if (!bits) return std::nullopt;
  return std::bit_cast<float>(static_cast<std::uint32_t>(*bits));
}

}  // namespace npu
