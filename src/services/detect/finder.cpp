#include "services/detect/finder.hpp"

#include <utility>

#include "services/kit/network_outputs.hpp"
#include "vision/suppress.hpp"

namespace npu::detect {

Result<std::vector<Found>> find_objects(const InferResult& result, const kit::Placement& placed,
                                        std::optional<vision::HeadKind> head,
                                        const DetectOptions& options) {
  const auto outputs = kit::NetworkOutputs::of(result);
  if (!outputs) return fail(outputs.error());
  const auto known = vision::find_head(outputs->all(), placed.input, head);
  if (!known) return fail(ErrorCode::kInternal, known.error().message);

  vision::Candidates candidates(vision::kMaxCandidates,
                                {.labels = options.classes, .region = kit::region_of(placed)});
  vision::decode(*known, outputs->all(), placed.input, static_cast<float>(options.threshold),
                 candidates);
  const vision::SuppressionRules rules{
      .max_overlap = static_cast<float>(options.iou_threshold),
      .agnostic = options.agnostic,
      .max_detections = static_cast<std::size_t>(options.max_detections)};
  std::vector<Found> found;
  for (const vision::Detection& one : vision::suppress(std::move(candidates), rules)) {
    found.push_back({kit::in_picture(placed, one.box), one.score, one.label});
  }
  return found;
}

}  // namespace npu::detect
