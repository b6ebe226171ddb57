// The version of this build.
#pragma once

#include <string>

namespace npu {

// "0.1.0"
std::string version();

}  // namespace npu
