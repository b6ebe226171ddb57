#include "vision/faces/scrfd.hpp"

#include <algorithm>

#include "vision/faces/face_levels.hpp"
#include "vision/scores.hpp"

namespace npu::vision::scrfd {
namespace {

constexpr std::size_t kAnchorsOfCell = 2;

}  // namespace

std::optional<FaceHead> find(std::span<const Output> outputs, media::Size input) {
  const auto levels = find_face_levels(outputs, input, kAnchorsOfCell, 1);
  if (!levels) return {};
  return FaceHead{FaceHeadKind::kScrfd, *levels};
}

void decode(const FaceHead& head, std::span<const Output> outputs, media::Size input,
            float threshold, Candidates& found) {
  const auto scores_of = [&](const FaceLevel& level) {
    return outputs[static_cast<std::size_t>(level.scores)].data;
  };
  const bool logits = std::ranges::any_of(
      head.levels, [&](const FaceLevel& level) { return are_logits(scores_of(level)); });
  const Scores scores = Scores::of(logits, threshold);
  for (std::size_t l = 0; l < head.levels.size(); ++l) {
    const Values raw = scores_of(head.levels[l]);
    const Output& boxes = outputs[static_cast<std::size_t>(head.levels[l].boxes)];
    for (std::size_t i = next_reaching(raw, 0, scores.least); i < raw.size();
         i = next_reaching(raw, i + 1, scores.least)) {
      const FaceAnchor at = face_anchor_in(l, i, input, kAnchorsOfCell);
      const Values edges = values_at(boxes, i, kFaceBoxValues);
      const Box box{at.x() - edges[0] * at.stride, at.y() - edges[1] * at.stride,
                    at.x() + edges[2] * at.stride, at.y() + edges[3] * at.stride};
      found.add({box, scores(raw[i]), 0, face_source_of(at, input, kAnchorsOfCell)});
    }
  }
}

FacePoints points_of(const FaceHead& head, std::span<const Output> outputs, media::Size input,
                     std::uint32_t source) {
  const FaceAnchor at = face_anchor_at(source, input, kAnchorsOfCell);
  const Output& points = outputs[static_cast<std::size_t>(head.levels.at(at.level).points)];
  return face_points_at(at, values_at(points, at.index, kFacePointValues));
}

}  // namespace npu::vision::scrfd
