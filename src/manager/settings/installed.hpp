// Where the files of this installation lie: found from this program's own place, so that a prefix
// may be moved, else where the build was configured to put them. Absolute, without a slash at the
// end.
#pragma once

#include <string>

namespace npu::manager {

std::string installed_libexec_dir();  // the worker program
std::string installed_data_dir();     // models/ and catalogue/

}  // namespace npu::manager
