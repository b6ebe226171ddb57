// Text from files, devices and other programs, which need not be what it should.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace npu {

// Each byte that belongs to no UTF-8 character becomes U+FFFD.
std::string valid_utf8(std::string_view text);

// As much of the beginning as has no more than `bytes` and does not end within a character.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);

// Bytes at the end that begin a character and are not the whole of it: 0..3.
std::size_t utf8_cut_tail(std::string_view text);

// Of valid UTF-8: how many characters it has, and the first and the last of them ("" of none).
std::size_t utf8_length(std::string_view text);
std::string_view utf8_first(std::string_view text);
std::string_view utf8_last(std::string_view text);

// For a terminal: valid_utf8(), with control characters, line ends included, as "\x1b".
std::string for_terminal(std::string_view text);

}  // namespace npu
