// What was found, as clients want it.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "services/kit/labels.hpp"
#include "services/segment/picture_segments.hpp"

namespace npu::segment {

// [{"label", "confidence", "bbox": [x, y, width, height], "area", "segmentation"}], or the results
// of COCO: [{"image_id", "category_id", "bbox", "score", "segmentation"}]. Boxes in pixels of the
// picture to a hundredth. segmentation, as options.mask_format says:
//
//   rle       {"size": [height, width], "counts": text}
//   counts    {"size": [height, width], "counts": [numbers]}
//   polygon   [[x0, y0, x1, y1, ...], ...]
//   png       {"bounds": [x, y, width, height], "png": base64, null where nothing is inside}
//   none      not there, nor is area
//
// Made object by object, so that others have their turns on the pool between them.
class AnswerText {
 public:
  // max_time: processor time of all. The references must outlive it.
  AnswerText(PictureSegments& segments, const kit::Labels& labels, const SegmentOptions& options,
             Millis max_time);

  // Adds objects for some 50 ms of processor time; false: that was the last. kTooLarge where all
  // take too long.
  Result<bool> add_some();
  // Once, after the last.
  std::string take() && { return std::move(text_); }

 private:
  void add(std::size_t i);

  PictureSegments& segments_;
  const kit::Labels& labels_;
  const SegmentOptions& options_;
  Millis max_time_;
  std::chrono::nanoseconds used_{};
  std::size_t next_ = 0;
  std::string text_ = "[";
};

}  // namespace npu::segment
