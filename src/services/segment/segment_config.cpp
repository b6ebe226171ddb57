#include "services/segment/segment_config.hpp"

#include "base/settings.hpp"
#include "services/kit/head_setting.hpp"
#include "services/kit/model_labels.hpp"
#include <algorithm>

namespace npu::segment {
std::optional<vision::SegmentKind> SegmentConfig::head_kind(std::string_view known) const {
  return vision::segment_kind_named(kit::head_name(head, known));
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
  kit::add_head_setting(settings, config.head, vision::kSegmentNames);
  kit::add_labels_setting(settings, config.labels);
  settings.add("segment.threshold", config.numbers.threshold,
               {.help = "Least confidence of an object", .min = 0, .max = 1});
  settings.add("segment.iou_threshold", config.numbers.iou_threshold,
               {.help = "Most overlap of the boxes of two objects of a class", .min = 0, .max = 1});
  settings.add("segment.max_detections", config.numbers.max_detections,
               {.help = "Most objects of an answer", .min = 1, .max = kit::kMaxObjects});
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
