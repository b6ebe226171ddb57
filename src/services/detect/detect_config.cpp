#include "services/detect/detect_config.hpp"

#include "base/settings.hpp"
#include "services/kit/head_setting.hpp"
#include "services/kit/model_labels.hpp"

namespace npu::detect {
std::optional<vision::HeadKind> DetectConfig::head_kind(std::string_view known) const {
  return vision::head_named(kit::head_name(head, known));
}

void add_detect_settings(Settings& settings, DetectConfig& config) {
  kit::add_model_settings(settings, config.model);
  kit::add_head_setting(settings, config.head, vision::kHeadNames);
  kit::add_labels_setting(settings, config.labels);
  settings.add("detect.threshold", config.defaults.threshold,
               {.help = "Least confidence of an object", .min = 0, .max = 1});
  settings.add("detect.iou_threshold", config.defaults.iou_threshold,
               {.help = "Most overlap of two objects of a class", .min = 0, .max = 1});
  settings.add("detect.max_detections", config.defaults.max_detections,
               {.help = "Most objects of an answer", .min = 1, .max = kit::kMaxObjects});
  kit::add_picture_settings(settings, config.pictures);
  frigate::add_frigate_settings(settings, config.frigate);
  kit::add_live_settings(settings, config.live);
}

}  // namespace npu::detect
