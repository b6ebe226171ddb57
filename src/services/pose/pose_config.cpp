#include "services/pose/pose_config.hpp"

#include "base/settings.hpp"
#include "services/kit/head_setting.hpp"

namespace npu::pose {
std::optional<vision::PoseHeadKind> PoseConfig::head_kind(std::string_view known) const {
  return vision::pose_head_named(kit::head_name(head, known));
}

void add_pose_settings(Settings& settings, PoseConfig& config) {
  kit::add_model_settings(settings, config.model);
  kit::add_head_setting(settings, config.head, vision::kPoseHeadNames);
  settings.add("inference.confidence_threshold", config.defaults.confidence_threshold,
               {.help = "Least confidence of a person", .min = 0, .max = 1});
  settings.add("inference.iou_threshold", config.defaults.iou_threshold,
               {.help = "Most overlap of two people", .min = 0, .max = 1});
  settings.add("inference.max_detections", config.defaults.max_detections,
               {.help = "Most people of an answer", .min = 1, .max = kMaxDetections});
  settings.add("pose.keypoint_threshold", config.defaults.keypoint_threshold,
               {.help = "Least confidence of a key point that is seen", .min = 0, .max = 1});
  settings.add("pose.skeleton_connections", config.skeleton,
               {.help = "Whether answers list the bones between the key points that are seen"});
  kit::add_picture_settings(settings, config.pictures);
  kit::add_live_settings(settings, config.live);
}

}  // namespace npu::pose
