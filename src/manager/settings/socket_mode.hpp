// The mode of the manager's socket, as people write it in configuration files.
#pragma once

#include <string_view>

#include <sys/types.h>

#include <npu/result.hpp>

namespace npu::manager {

// Octal: "0660" (any number with a leading zero), "660" (exactly three octal digits), "0o660".
// Hexadecimal: "0x1b0". Other decimal numbers are refused rather than guessed at. 0..0777.
Result<mode_t> parse_socket_mode(std::string_view text);

}  // namespace npu::manager
