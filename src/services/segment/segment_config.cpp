#include "services/segment/segment_config.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "base/settings.hpp"

namespace npu::segment {
namespace {

constexpr const char* kAuto = "auto";

std::vector<std::string> head_choices() {
  std::vector<std::string> names{kAuto};
  names.insert(names.end(), vision::kSegmentNames.begin(), vision::kSegmentNames.end());
  return names;
}

// The settings' own checks have admitted the name.
template <class Enum>
Enum value_of(std::string_view name, std::span<const std::string_view> names) {
  return static_cast<Enum>(std::ranges::find(names, name) - names.begin());
}

}  // namespace

std::optional<vision::SegmentKind> SegmentConfig::head_kind() const {
  if (head == kAuto) return std::nullopt;
  return value_of<vision::SegmentKind>(head, vision::kSegmentNames);
}

SegmentOptions SegmentConfig::defaults() const {
  SegmentOptions options = numbers;
  options.mask_format = value_of<MaskFormat>(mask_format, kMaskFormatNames);
  return options;
}

void add_segment_settings(Settings& settings, SegmentConfig& config) {
  kit::add_model_settings(settings, config.model);
  settings.add("model.head", config.head,
               {.help = "How the model's outputs are laid out; auto: as their shapes say",
                .choices = head_choices()});
  settings.add("model.labels", config.labels,
               {.help = "File of the classes' names, one a line; empty: those of COCO"});
  settings.add("segment.threshold", config.numbers.threshold,
               {.help = "Least confidence of an object", .min = 0, .max = 1});
  settings.add("segment.iou_threshold", config.numbers.iou_threshold,
               {.help = "Most overlap of the boxes of two objects of a class", .min = 0, .max = 1});
  settings.add("segment.max_detections", config.numbers.max_detections,
               {.help = "Most objects of an answer", .min = 1, .max = kMaxDetections});
  settings.add("segment.mask_format", config.mask_format,
               {.help = "How masks are written",
                .choices = {kMaskFormatNames.begin(), kMaskFormatNames.end()}});
  settings.add("segment.max_mask_ms", config.max_mask_ms,
               {.help = "Most processor time that the masks of an answer may take",
                .min = 1,
                .max = 60'000});
  kit::add_picture_settings(settings, config.pictures);
  kit::add_live_settings(settings, config.live);
}

}  // namespace npu::segment
