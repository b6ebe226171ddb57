#include "base/bug.hpp"

#include <cstdlib>

#include "base/log.hpp"

namespace npu {

void report_bug(std::string_view what) {
  log::error("a mistake of this program, please report it: {}", what);
#ifdef NPU_BUGS_ABORT
  std::abort();
#endif
}

}  // namespace npu
