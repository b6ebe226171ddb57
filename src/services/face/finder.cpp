#include "services/face/finder.hpp"

#include <algorithm>
#include <utility>

#include "services/kit/network_outputs.hpp"
#include "vision/suppress.hpp"

namespace npu::face {

Result<std::vector<Face>> find_faces(const InferResult& result, const kit::Placement& placed,
                                     std::optional<vision::FaceHeadKind> head,
                                     const FaceOptions& options) {
  const auto outputs = kit::NetworkOutputs::of(result);
  if (!outputs) return fail(outputs.error());
  const auto known = vision::find_face_head(outputs->all(), placed.input, head);
  if (!known) return fail(ErrorCode::kInternal, known.error().message);

  vision::Candidates candidates(vision::kMaxCandidates, {.region = kit::region_of(placed)});
  vision::decode_faces(*known, outputs->all(), placed.input, static_cast<float>(options.threshold),
                       candidates);
  const vision::SuppressionRules rules{
      .max_overlap = static_cast<float>(options.iou_threshold),
      .max_detections = static_cast<std::size_t>(options.max_faces)};
  std::vector<Face> faces;
  for (const vision::Detection& one : vision::suppress(std::move(candidates), rules)) {
    Face& face = faces.emplace_back(Face{kit::in_picture(placed, one.box), one.score, {}});
    const auto points = vision::face_points_of(*known, outputs->all(), placed.input, one.source);
    std::ranges::transform(points, face.points.begin(), [&](const vision::FacePoint& point) {
      return placed.to_picture(kit::Point{point.x, point.y});
    });
  }
  return faces;
}

}  // namespace npu::face
