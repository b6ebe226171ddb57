#include "store/usual_model_dirs.hpp"

#include <gtest/gtest.h>

#include "store/model_dirs.hpp"

namespace npu::store {
namespace {

TEST(UsualModelDirs, Hold_what_every_installer_of_the_Python_project_brings) {
  const ModelDirs dirs(usual_model_dirs("/usr/share/hailo"));
  for (const char* path : {"/usr/share/hailo/models/a.hef", "/var/lib/hailo/models/a.hef",
                           "/usr/local/hailo/resources/models/hailo10h/clip_vit_b_32.hef",
                           "/var/lib/hailo-depth/resources/models/postprocess/scdepthv3.hef",
                           "/opt/hailo-vision/models/a.hef"}) {
    EXPECT_TRUE(dirs.contains_text(path)) << path;
  }
  EXPECT_FALSE(dirs.contains_text("/usr/local/hailo/a.hef"));
}

}  // namespace
}  // namespace npu::store
