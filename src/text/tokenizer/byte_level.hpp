// GPT-2's names for bytes: each byte is a printable character in the vocabularies that take bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace npu::text {

// The bytes that the characters of a token name; nothing where one of them names none.
std::optional<std::string> bytes_of_names(std::string_view token);

}  // namespace npu::text
