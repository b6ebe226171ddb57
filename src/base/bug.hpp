// Mistakes of the program itself that it survives.
#pragma once

#include <string_view>

namespace npu {

// Tells of one in the log. Builds with tests end there, so that no test passes over it. Thread
// safe.
void report_bug(std::string_view what);

}  // namespace npu
