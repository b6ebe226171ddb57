// The configuration of hailo-detect: `hailo-detect --print-config` lists the keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/detect/detect_options.hpp"
#include "services/detect/frigate/frigate_rules.hpp"
#include "services/kit/live.hpp"
#include "services/kit/model_rules.hpp"
#include "services/kit/picture_rules.hpp"
#include "vision/head.hpp"

namespace npu {
class Settings;
}

namespace npu::detect {

inline constexpr int kPort = 11441;

struct DetectConfig {
  kit::ModelRules model{.type = "detect", .name = "yolov8s"};
  std::string head = "auto";
  std::string labels;  // a file; empty: the model's own, else COCO
  kit::PictureRules pictures;
  kit::LiveRules live;
  DetectOptions defaults;
  frigate::FrigateRules frigate;

  // known: what the model is said to have. Nothing: whichever the model's outputs are.
  std::optional<vision::HeadKind> head_kind(std::string_view known) const;
};

// Beside those of every service.
void add_detect_settings(Settings& settings, DetectConfig& config);

}  // namespace npu::detect
