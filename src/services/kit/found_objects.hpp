// Objects that were found in a picture, as the services that find them answer; hailoctl too.
#pragma once

#include <boost/json/fwd.hpp>

#include "services/kit/labels.hpp"
#include "services/kit/object_options.hpp"
#include "services/kit/picture_input.hpp"
#include "vision/candidates.hpp"
#include "vision/suppress.hpp"

namespace npu::media {
class Canvas;
}

namespace npu::kit {

struct FoundObject {
  Box box;  // in the picture, clipped to it
  float score = 0;
  int label = 0;
};

// For what a network's outputs say, and what of it is left then.
vision::Candidates candidates_for(const Placement& placed, const ObjectOptions& options);
vision::SuppressionRules suppression_for(const ObjectOptions& options);

// As answers have a score: to four digits.
double confidence_of(float score);
// {"label", "confidence", "bbox": [x, y, width, height]}, or a result of COCO: {"image_id",
// "category_id", "bbox", "score"}. Pixels of the picture to a hundredth.
boost::json::object object_json(const FoundObject& one, const Labels& labels,
                                const ObjectOptions& options);

// Its box with "label 92%", in the colour of its class.
void draw_object(media::Canvas& canvas, const FoundObject& one, const Labels& labels);

}  // namespace npu::kit
