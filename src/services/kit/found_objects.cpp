#include "services/kit/found_objects.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "json/write.hpp"
#include "media/canvas.hpp"
#include "services/kit/network_outputs.hpp"

namespace npu::kit {
namespace {

double hundredths(double value) { return npu::json::rounded(value, 100); }

boost::json::array bbox_of(const Box& box) {
  const double x = hundredths(box.from.x);
  const double y = hundredths(box.from.y);
  return {x, y, hundredths(box.to.x - x), hundredths(box.to.y - y)};
}

}  // namespace

vision::Candidates candidates_for(const Placement& placed, const ObjectOptions& options) {
  return vision::Candidates(vision::kMaxCandidates,
                            {.labels = options.classes, .region = region_of(placed)});
}

vision::SuppressionRules suppression_for(const ObjectOptions& options) {
  return {.max_overlap = static_cast<float>(options.iou_threshold),
          .agnostic = options.agnostic,
          .max_detections = static_cast<std::size_t>(options.max_detections)};
}

double confidence_of(float score) { return npu::json::rounded(score, 1e4); }

boost::json::object object_json(const FoundObject& one, const Labels& labels,
                                const ObjectOptions& options) {
  if (options.format == ObjectFormat::kPlain) {
    return {{"label", labels.name(one.label)},
            {"confidence", confidence_of(one.score)},
            {"bbox", bbox_of(one.box)}};
  }
  return {{"image_id", options.image_id},
          {"category_id", labels.category_id(one.label)},
          {"bbox", bbox_of(one.box)},
          {"score", confidence_of(one.score)}};
}

void draw_object(media::Canvas& canvas, const FoundObject& one, const Labels& labels) {
  const media::Colour colour = media::palette_colour(static_cast<std::size_t>(one.label));
  canvas.box(one.box, colour);
  canvas.label(one.box, fmt::format("{} {:.0f}%", labels.name(one.label), 100 * one.score), colour);
}

}  // namespace npu::kit
