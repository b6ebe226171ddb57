#include "base/version.hpp"

namespace npu {

std::string version() { return NPU_VERSION; }

}  // namespace npu
