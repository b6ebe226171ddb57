// The configuration of hailo-depth: `hailo-depth --print-config` lists the keys.
#pragma once

#include <string>

#include "services/depth/estimate_options.hpp"
#include "services/kit/live.hpp"
#include "services/kit/model_rules.hpp"
#include "services/kit/picture_rules.hpp"

namespace npu {
class Settings;
}

namespace npu::depth {

inline constexpr int kPort = 11439;

struct DepthConfig {
  kit::ModelRules model{.type = "depth", .name = "scdepthv3"};
  std::string model_type = "monocular";  // echoed; "stereo" only flips a capability flag
  kit::PictureRules pictures;
  kit::LiveRules live;

  std::string format = "both";
  std::string colormap = "viridis";
  std::string representation = "inverse";
  bool normalize = true;
  bool include_stats = true;

  // What an estimate has that does not say otherwise.
  EstimateOptions defaults() const;
};

// Beside those of every service.
void add_depth_settings(Settings& settings, DepthConfig& config);

}  // namespace npu::depth
