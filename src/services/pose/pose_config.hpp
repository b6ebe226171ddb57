// The configuration of hailo-pose: `hailo-pose --print-config` lists the keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/kit/live.hpp"
#include "services/kit/model_rules.hpp"
#include "services/kit/picture_rules.hpp"
#include "services/pose/pose_options.hpp"
#include "vision/pose_head.hpp"

namespace npu {
class Settings;
}

namespace npu::pose {

inline constexpr int kPort = 11440;

struct PoseConfig {
  kit::ModelRules model{.type = "pose", .name = "yolov8s_pose"};
  std::string head = "auto";
  kit::PictureRules pictures;
  kit::LiveRules live;
  PoseOptions defaults;
  bool skeleton = true;

  // known: what the model is said to have. Nothing: whichever the model's outputs are.
  std::optional<vision::PoseHeadKind> head_kind(std::string_view known) const;
};

// Beside those of every service; the keys are those of the Python project's hailo-pose.
void add_pose_settings(Settings& settings, PoseConfig& config);

}  // namespace npu::pose
