// Standard base64 (RFC 4648, padded), fast enough for megabytes per request.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <npu/result.hpp>

namespace npu {

constexpr std::size_t base64_encoded_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

// Writes base64_encoded_size(bytes.size()) characters to out, which has room for them.
void base64_encode(std::span<const std::byte> bytes, char* out);
std::string base64_encode(std::span<const std::byte> bytes);

// Bytes that come in pieces, behind what `out` holds.
class Base64Appender {
 public:
  // out must outlive it; others may append to it and empty it between the calls.
  explicit Base64Appender(std::string& out) : out_(out) {}

  void add(std::span<const std::byte> bytes);
  // The last characters and the padding; it begins anew then.
  void finish();

 private:
  void append(std::span<const std::byte> bytes);

  std::string& out_;
  std::array<std::byte, 3> waiting_{};  // for a group of three
  std::size_t count_ = 0;
};

// The number of bytes that text decodes to, from its length and padding alone.
// Fails with kMalformed where the length is not a multiple of four.
//   before   characters of the same text that were decoded already, for the message
Result<std::size_t> base64_decoded_size(std::string_view text, std::size_t before = 0);

// Decodes into out, whose size is base64_decoded_size(text). Strict: no white space, no missing
// padding, no characters outside the alphabet, no bits set behind the last byte; kMalformed says
// where.
Status base64_decode(std::string_view text, std::span<std::byte> out, std::size_t before = 0);

}  // namespace npu
