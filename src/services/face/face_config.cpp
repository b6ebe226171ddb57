#include "services/face/face_config.hpp"

#include "base/settings.hpp"
#include "services/kit/head_setting.hpp"

namespace npu::face {

std::optional<vision::FaceHeadKind> DetectorConfig::head_kind(std::string_view known) const {
  return vision::face_head_named(kit::head_name(head, known));
}

void add_scrfd_settings(Settings& settings, DetectorConfig& config) {
  kit::add_model_settings(settings, config.model);
  kit::add_head_setting(settings, config.head, vision::kFaceHeadNames);
  settings.add("scrfd.model", config.model.name, {.help = "The same as model.name"});
  settings.add("scrfd.conf_threshold", config.defaults.threshold,
               {.help = "Least confidence of a face", .min = 0, .max = 1});
  settings.add("scrfd.nms_threshold", config.defaults.iou_threshold,
               {.help = "Most overlap of two faces", .min = 0, .max = 1});
  settings.add("detection.max_faces", config.defaults.max_faces,
               {.help = "Most faces of an answer", .min = 1, .max = kMaxFaces});
  kit::add_picture_settings(settings, config.pictures);
  kit::add_live_settings(settings, config.live);
}

}  // namespace npu::face
