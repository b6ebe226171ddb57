#include "services/pose/finder.hpp"

#include <algorithm>
#include <utility>

#include "services/kit/network_outputs.hpp"
#include "vision/suppress.hpp"

namespace npu::pose {
namespace {

KeyPoint in_picture(const vision::KeyPoint& point, const kit::Placement& placed) {
  kit::Point at = placed.to_picture(kit::Point{point.x, point.y});
  at.x = std::clamp(at.x, 0.0, static_cast<double>(placed.picture.width));
  at.y = std::clamp(at.y, 0.0, static_cast<double>(placed.picture.height));
  return {at, point.score};
}

}  // namespace

Result<std::vector<Person>> find_people(const InferResult& result, const kit::Placement& placed,
                                        std::optional<vision::PoseHeadKind> head,
                                        const PoseOptions& options) {
  const auto outputs = kit::NetworkOutputs::of(result);
  if (!outputs) return fail(outputs.error());
  const auto known = vision::find_pose_head(outputs->all(), placed.input, head);
  if (!known) return fail(ErrorCode::kInternal, known.error().message);

  vision::Candidates candidates(vision::kMaxCandidates, {.region = kit::region_of(placed)});
  vision::decode_people(*known, outputs->all(), placed.input,
                        static_cast<float>(options.confidence_threshold), candidates);
  const vision::SuppressionRules rules{
      .max_overlap = static_cast<float>(options.iou_threshold),
      .agnostic = true,
      .max_detections = static_cast<std::size_t>(options.max_detections)};
  std::vector<Person> people;
  for (const vision::Detection& one : vision::suppress(std::move(candidates), rules)) {
    Person& person = people.emplace_back();
    person.box = kit::in_picture(placed, one.box);
    person.score = one.score;
    const auto points = vision::key_points_of(*known, outputs->all(), placed.input, one.source);
    std::ranges::transform(points, person.points.begin(), [&](const vision::KeyPoint& point) {
      return in_picture(point, placed);
    });
  }
  return people;
}

}  // namespace npu::pose
