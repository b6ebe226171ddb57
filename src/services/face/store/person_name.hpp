// How a person may be called.
#pragma once

#include <string_view>

#include <npu/result.hpp>

namespace npu::face {

// Whether this may be a name: 1 to 256 characters of UTF-8, no control characters, not only blanks,
// not "Unknown", which is how answers call who is not known. Slashes and any script are as good as
// others. kInvalidArgument.
Status check_name(std::string_view name);

}  // namespace npu::face
