// The configuration of hailo-segment: `hailo-segment --print-config` lists the keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/kit/live.hpp"
#include "services/kit/model_rules.hpp"
#include "services/kit/picture_rules.hpp"
#include "services/segment/segment_options.hpp"
#include "vision/segment_head.hpp"

namespace npu {
class Settings;
}

namespace npu::segment {

inline constexpr int kPort = 11442;

struct SegmentConfig {
  kit::ModelRules model{.type = "segment", .name = "yolov8s_seg"};
  std::string head = "auto";
  std::string labels;  // a file; empty: the model's own, else COCO
  kit::PictureRules pictures;
  kit::LiveRules live;
  std::string mask_format{kMaskFormatNames.front()};
  int max_mask_ms = 2000;  // of processor time, for the masks of an answer

  // known: what the model is said to have. Nothing: whichever the model's outputs are.
  std::optional<vision::SegmentKind> head_kind(std::string_view known) const;
  SegmentOptions defaults() const;

  SegmentOptions numbers;  // of the defaults
};

// Beside those of every service.
void add_segment_settings(Settings& settings, SegmentConfig& config);

}  // namespace npu::segment
