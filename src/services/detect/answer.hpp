// What was found, as clients want it.
#pragma once

#include <span>
#include <string>

#include "media/image.hpp"
#include "services/detect/finder.hpp"
#include "services/kit/labels.hpp"

namespace npu::detect {

// [{"label", "confidence", "bbox": [x, y, width, height]}], or the results of COCO:
// [{"image_id", "category_id", "bbox", "score"}]. Pixels of the picture to a hundredth.
std::string answer_text(std::span<const Found> found, const kit::Labels& labels,
                        const DetectOptions& options);

// {"success": true, "predictions": [{"label", "confidence", "x_min", ...}], "duration": ms}: whole
// pixels.
std::string deepstack_text(std::span<const Found> found, const kit::Labels& labels,
                           std::int64_t duration_ms);

// Boxes with "label 92%", the best on top; a colour for each class.
void draw_on(media::Image& picture, std::span<const Found> found, const kit::Labels& labels);

}  // namespace npu::detect
