// Standard base64 (RFC 4648, padded), fast enough for megabytes per request.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <npu/result.hpp>

namespace npu {

constexpr std::size_t base64_encoded_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

// Writes base64_encoded_size(bytes.size()) characters to out, which has room for them. The bytes
// may be the last ones of that room.
void base64_encode(std::span<const std::byte> bytes, char* out);
std::string base64_encode(std::span<const std::byte> bytes);

// The number of bytes that text decodes to, from its length and padding alone.
// Fails with kMalformed where the length is not a multiple of four.
Result<std::size_t> base64_decoded_size(std::string_view text);

// Decodes into out, whose size is base64_decoded_size(text). Strict: no white space, no missing
// padding, no characters outside the alphabet, no bits set behind the last byte; kMalformed says
// where.
Status base64_decode(std::string_view text, std::span<std::byte> out);

}  // namespace npu
