// What was found, for people to see.
#pragma once

#include "base/clock.hpp"
#include "media/image.hpp"
#include "services/kit/labels.hpp"
#include "services/segment/picture_segments.hpp"

namespace npu::segment {

// Masks, boxes and "label 92%", the best on top; a colour for each class. No masks where
// options.mask_format is none. kTooLarge where it takes more processor time than max_time; the
// picture is unfinished then.
Status draw_on(media::Image& picture, PictureSegments& segments, const kit::Labels& labels,
               const SegmentOptions& options, Millis max_time);

}  // namespace npu::segment
