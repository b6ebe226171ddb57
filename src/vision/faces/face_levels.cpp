#include "vision/faces/face_levels.hpp"

namespace npu::vision {
namespace {

bool is_part(const Output& output, media::Size input, int stride, std::int64_t anchors,
             std::int64_t values) {
  const std::int64_t rows = input.height / stride;
  const std::int64_t columns = input.width / stride;
  const auto grid = without_batch(output.shape, 3);
  if (grid.size() == 3 && grid[0] == rows && grid[1] == columns) {
    return grid[2] == anchors * values;
  }
  const auto table = table_of(output);
  return table && table->first == anchors * rows * columns && table->second == values;
}

// Gives the output its first free place of these.
bool take(int output, std::span<int* const> places) {
  for (int* const place : places) {
    if (*place >= 0) continue;
    *place = output;
    return true;
  }
  return false;
}

}  // namespace

std::optional<std::array<FaceLevel, 3>> find_face_levels(std::span<const Output> outputs,
                                                         media::Size input, int anchors_of_cell,
                                                         int scores_of_level) {
  const auto of_level = static_cast<std::size_t>(scores_of_level) + 2;
  if (!has_grids(input) || outputs.size() != of_level * kStrides.size()) return {};
  std::array<FaceLevel, 3> levels;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    bool taken = false;
    for (std::size_t l = 0; l < kStrides.size() && !taken; ++l) {
      FaceLevel& level = levels[l];
      const auto is = [&](std::size_t values) {
        return is_part(outputs[i], input, kStrides[l], anchors_of_cell,
                       static_cast<std::int64_t>(values));
      };
      const int index = static_cast<int>(i);
      int* const scores[] = {&level.scores, &level.objectness};
      int* const boxes[] = {&level.boxes};
      int* const points[] = {&level.points};
      if (is(1)) {
        taken = take(index, std::span(scores).first(static_cast<std::size_t>(scores_of_level)));
      } else if (is(kFaceBoxValues)) {
        taken = take(index, boxes);
      } else if (is(kFacePointValues)) {
        taken = take(index, points);
      }
    }
    if (!taken) return {};
  }
  return levels;
}

FaceAnchor face_anchor_in(std::size_t level, std::size_t index, media::Size input,
                          std::size_t anchors_of_cell) {
  const Anchor cell = anchor_in(level, index / anchors_of_cell, input);
  return {level, index, cell.column, cell.row, cell.stride};
}

FaceAnchor face_anchor_at(std::uint32_t source, media::Size input, std::size_t anchors_of_cell) {
  const Anchor cell = anchor_at(source / anchors_of_cell, input);
  return {cell.level, cell.cell * anchors_of_cell + source % anchors_of_cell, cell.column, cell.row,
          cell.stride};
}

std::uint32_t face_source_of(const FaceAnchor& anchor, media::Size input,
                             std::size_t anchors_of_cell) {
  const std::size_t before = first_anchor_of(anchor.level, input) * anchors_of_cell;
  return static_cast<std::uint32_t>(before + anchor.index);
}

FacePoints face_points_at(const FaceAnchor& anchor, Values distances) {
  FacePoints points;
  for (std::size_t i = 0; i < kFacePoints; ++i) {
    points[i] = {anchor.x() + distances[2 * i] * anchor.stride,
                 anchor.y() + distances[2 * i + 1] * anchor.stride};
  }
  return points;
}

}  // namespace npu::vision
