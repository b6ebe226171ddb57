// A question to whoever sits before the terminal.
#pragma once

#include <string_view>

namespace npu::cli {

// Prints it with " [y/N] " behind, and tells whether "y" or "yes" is answered. False without a word
// where standard input is no terminal.
bool agrees(std::string_view question);

}  // namespace npu::cli
