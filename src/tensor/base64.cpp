#include "tensor/base64.hpp"

#include <cstdint>
#include <cstring>

#include <boost/endian/conversion.hpp>
#include <fmt/format.h>

namespace npu {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Two characters for each 12-bit value: half the look-ups of the textbook loop.
constexpr auto kPairs = [] {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kAlphabet[i >> 6], kAlphabet[i & 63]};
  return pairs;
}();

constexpr std::uint32_t kInvalid = 0x01000000;

// kShifted[p][c]: the six bits of character c at their place in a 24-bit group, or kInvalid.
constexpr auto kShifted = [] {
  std::array<std::array<std::uint32_t, 256>, 4> tables{};
  for (std::size_t place = 0; place < 4; ++place) {
    tables[place].fill(kInvalid);
    for (std::uint32_t value = 0; value < 64; ++value) {
      tables[place][static_cast<unsigned char>(kAlphabet[value])] = value << (18 - 6 * place);
    }
  }
  return tables;
}();

std::uint32_t group_of(const unsigned char* in) {
  return kShifted[0][in[0]] | kShifted[1][in[1]] | kShifted[2][in[2]] | kShifted[3][in[3]];
}

void store(std::uint32_t group, std::size_t count, unsigned char* out) {
  for (std::size_t i = 0; i < count; ++i)
    out[i] = static_cast<unsigned char>(group >> (16 - 8 * i));
}

std::size_t padding_of(std::string_view text) {
  if (text.ends_with("==")) return 2;
  return text.ends_with('=') ? 1 : 0;
}

}  // namespace

void base64_encode(std::span<const std::byte> bytes, char* out) {
  const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
  const std::size_t whole = bytes.size() / 3 * 3;
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 6, out += 8) {  // two bytes more than it takes
    const std::uint64_t groups = boost::endian::load_big_u64(in + i);
    std::memcpy(out, kPairs[groups >> 52].data(), 2);
    std::memcpy(out + 2, kPairs[groups >> 40 & 0xfff].data(), 2);
    std::memcpy(out + 4, kPairs[groups >> 28 & 0xfff].data(), 2);
    std::memcpy(out + 6, kPairs[groups >> 16 & 0xfff].data(), 2);
  }
  for (; i < whole; i += 3, out += 4) {
    const std::uint32_t group =
        std::uint32_t{in[i]} << 16 | std::uint32_t{in[i + 1]} << 8 | in[i + 2];
    std::memcpy(out, kPairs[group >> 12].data(), 2);
    std::memcpy(out + 2, kPairs[group & 0xfff].data(), 2);
  }
  const std::size_t rest = bytes.size() - whole;
  if (rest == 0) return;
  const std::uint32_t group =
      std::uint32_t{in[whole]} << 16 | (rest == 2 ? std::uint32_t{in[whole + 1]} << 8 : 0);
  std::memcpy(out, kPairs[group >> 12].data(), 2);
  out[2] = rest == 2 ? kAlphabet[group >> 6 & 63] : '=';
  out[3] = '=';
}

std::string base64_encode(std::span<const std::byte> bytes) {
  std::string text(base64_encoded_size(bytes.size()), '\0');
  base64_encode(bytes, text.data());
  return text;
}

void Base64Appender::add(std::span<const std::byte> bytes) {
  while (count_ != 0 && count_ < waiting_.size() && !bytes.empty()) {
    waiting_[count_++] = bytes.front();
    bytes = bytes.subspan(1);
  }
  if (count_ == waiting_.size()) finish();
  if (count_ != 0) return;
  const std::size_t whole = bytes.size() / 3 * 3;
  append(bytes.first(whole));
  for (const std::byte byte : bytes.subspan(whole)) waiting_[count_++] = byte;
}

void Base64Appender::finish() {
  append(std::span(waiting_).first(count_));
  count_ = 0;
}

void Base64Appender::append(std::span<const std::byte> bytes) {
  const std::size_t at = out_.size();
  out_.resize(at + base64_encoded_size(bytes.size()));
  base64_encode(bytes, out_.data() + at);
}

Result<std::size_t> base64_decoded_size(std::string_view text, std::size_t before) {
  if (text.size() % 4 != 0) {
    return fail(ErrorCode::kMalformed,
                fmt::format("base64 text must be a multiple of 4 characters, got {}",
                            before + text.size()));
  }
  return text.size() / 4 * 3 - padding_of(text);
}

Status base64_decode(std::string_view text, std::span<std::byte> out, std::size_t before) {
  const auto size = base64_decoded_size(text, before);
  if (!size) return fail(size.error());
  if (*size != out.size()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("base64 text holds {} bytes, expected {}", *size, out.size()));
  }
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  const std::size_t whole = out.size() / 3;
  std::uint32_t bad = 0;
  for (std::size_t i = 0; i < whole; ++i, in += 4, to += 3) {
    const std::uint32_t group = group_of(in);
    bad |= group;
    store(group, 3, to);
  }
  if (const std::size_t rest = out.size() % 3; rest != 0) {
    const unsigned char last[4] = {in[0], in[1],
                                   rest == 2 ? in[2] : static_cast<unsigned char>('A'), 'A'};
    const std::uint32_t group = group_of(last);
    const std::uint32_t unused = rest == 2 ? 0xff : 0xffff;
    bad |= group | ((group & unused) != 0 ? kInvalid : 0);
    store(group, rest, to);
  }
  if ((bad & kInvalid) == 0) return {};
  const std::size_t at = text.find_first_not_of(kAlphabet);
  return fail(ErrorCode::kMalformed,
              at >= text.size() - padding_of(text)
                  ? std::string("base64 text has bits set behind its last byte")
                  : fmt::format("base64 text has an invalid character at {}", before + at));
}

}  // namespace npu
