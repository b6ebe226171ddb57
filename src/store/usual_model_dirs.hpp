// Where model files lie if nothing else is configured: for the manager, and for those who look what
// it would find.
#pragma once

#include <string>
#include <vector>

namespace npu::store {

// data_dir: of the installation, such as /usr/share/hailo. For ModelDirs.
std::vector<std::string> usual_model_dirs(const std::string& data_dir);

}  // namespace npu::store
