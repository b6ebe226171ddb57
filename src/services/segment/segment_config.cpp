#include "services/segment/segment_config.hpp"

#include <algorithm>
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

}  // namespace

std::optional<vision::SegmentKind> SegmentConfig::head_kind(std::string_view known) const {
  return vision::segment_kind_named(head == kAuto ? known : head);
}

SegmentOptions SegmentConfig::defaults() const {
  SegmentOptions options = numbers;
  // The settings' own checks have admitted the name.
  options.mask_format = static_cast<MaskFormat>(std::ranges::find(kMaskFormatNames, mask_format) -
                                                kMaskFormatNames.begin());
  return options;
}

void add_segment_settings(Settings& settings, SegmentConfig& config) {
  kit::add_model_settings(settings, config.model);
  settings.add(
      "model.head", config.head,
      {.help = "How the model's outputs are laid out; auto: as the model or their shapes say",
       .choices = head_choices()});
  settings.add(
      "model.labels", config.labels,
      {.help =
           "File of the classes' names, one a line; empty: the model's own, else those of COCO"});
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
