#include "store/usual_model_dirs.hpp"

namespace npu::store {

// /usr/local/hailo: where the vendor's scripts, and by them the installer of clip, put HEF files.
std::vector<std::string> usual_model_dirs(const std::string& data_dir) {
  return {data_dir + "/models", "/usr/local/hailo/resources", "/var/lib/hailo/models",
          "/var/lib/hailo-*", "/opt/hailo-*"};
}

}  // namespace npu::store
