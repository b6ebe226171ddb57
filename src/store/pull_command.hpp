// The command that brings a model which is not there: said by the manager in its errors, and found
// in them by services, which hand on nothing else of them.
#pragma once

#include <string>
#include <string_view>

namespace npu::store {

// "hailoctl pull scdepthv3".
std::string pull_command(std::string_view model);

// The first such command in an error's message, "" where it has none. As long as the message.
std::string_view pull_command_in(std::string_view message);

}  // namespace npu::store
