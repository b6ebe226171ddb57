#include "services/detect/detect_config.hpp"

#include <vector>

#include "base/settings.hpp"

namespace npu::detect {
namespace {

constexpr const char* kAuto = "auto";

std::vector<std::string> head_choices() {
  std::vector<std::string> names{kAuto};
  names.insert(names.end(), vision::kHeadNames.begin(), vision::kHeadNames.end());
  return names;
}

}  // namespace

std::optional<vision::HeadKind> DetectConfig::head_kind(std::string_view known) const {
  return vision::head_named(head == kAuto ? known : head);
}

void add_detect_settings(Settings& settings, DetectConfig& config) {
  kit::add_model_settings(settings, config.model);
  settings.add(
      "model.head", config.head,
      {.help = "How the model's outputs are laid out; auto: as the model or their shapes say",
       .choices = head_choices()});
  settings.add(
      "model.labels", config.labels,
      {.help =
           "File of the classes' names, one a line; empty: the model's own, else those of COCO"});
  settings.add("detect.threshold", config.defaults.threshold,
               {.help = "Least confidence of an object", .min = 0, .max = 1});
  settings.add("detect.iou_threshold", config.defaults.iou_threshold,
               {.help = "Most overlap of two objects of a class", .min = 0, .max = 1});
  settings.add("detect.max_detections", config.defaults.max_detections,
               {.help = "Most objects of an answer", .min = 1, .max = kMaxDetections});
  kit::add_picture_settings(settings, config.pictures);
  frigate::add_frigate_settings(settings, config.frigate);
  kit::add_live_settings(settings, config.live);
}

}  // namespace npu::detect
