#include "vision/faces/yunet.hpp"

#include <algorithm>
#include <cmath>

#include "vision/faces/face_levels.hpp"
#include "vision/scores.hpp"

namespace npu::vision::yunet {
namespace {

constexpr std::size_t kAnchorsOfCell = 1;

float share(float value) { return std::clamp(value, 0.F, 1.F); }

}  // namespace

std::optional<FaceHead> find(std::span<const Output> outputs, media::Size input) {
  const auto levels = find_face_levels(outputs, input, kAnchorsOfCell, 2);
  if (!levels) return {};
  return FaceHead{FaceHeadKind::kYunet, *levels};
}

void decode(const FaceHead& head, std::span<const Output> outputs, media::Size input,
            float threshold, Candidates& found) {
  // Neither factor is above 1, so each has to reach the square.
  const float least = threshold * threshold;
  for (std::size_t l = 0; l < head.levels.size(); ++l) {
    const FaceLevel& level = head.levels[l];
    const Values classes = outputs[static_cast<std::size_t>(level.scores)].data;
    const Values objectness = outputs[static_cast<std::size_t>(level.objectness)].data;
    const Output& boxes = outputs[static_cast<std::size_t>(level.boxes)];
    for (std::size_t i = next_reaching(classes, 0, least); i < classes.size();
         i = next_reaching(classes, i + 1, least)) {
      const float score = std::sqrt(share(classes[i]) * share(objectness[i]));
      if (!(score >= threshold)) continue;
      const FaceAnchor at = face_anchor_in(l, i, input, kAnchorsOfCell);
      const Values raw = values_at(boxes, i, kFaceBoxValues);
      const Box box = box_around(at.x() + raw[0] * at.stride, at.y() + raw[1] * at.stride,
                                 std::exp(raw[2]) * at.stride, std::exp(raw[3]) * at.stride);
      found.add({box, score, 0, face_source_of(at, input, kAnchorsOfCell)});
    }
  }
}

FacePoints points_of(const FaceHead& head, std::span<const Output> outputs, media::Size input,
                     std::uint32_t source) {
  const FaceAnchor at = face_anchor_at(source, input, kAnchorsOfCell);
  const Output& points = outputs[static_cast<std::size_t>(head.levels.at(at.level).points)];
  return face_points_at(at, values_at(points, at.index, kFacePointValues));
}

}  // namespace npu::vision::yunet
