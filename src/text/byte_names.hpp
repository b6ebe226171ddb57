// GPT-2's names for bytes: each byte is a printable character in the vocabularies that take bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace npu::text {

// Printable bytes of Latin-1 are called by their own character, the others by those from U+0100 up,
// in their order.
char32_t name_of_byte(std::uint8_t byte);

// The bytes that the characters of a token name; nothing where one of them names none.
std::optional<std::string> bytes_of_names(std::string_view token);

}  // namespace npu::text
