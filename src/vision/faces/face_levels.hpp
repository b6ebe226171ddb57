// Heads of faces with a grid for each stride: what SCRFD and YuNet have in common.
//
// Anchors are counted over all strides, the finest first, row by row, those of one cell one after
// the other. (h, w, anchors x values) and (h w anchors, values) lie alike in memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "vision/anchors.hpp"
#include "vision/faces/face_head.hpp"

namespace npu::vision {

inline constexpr std::size_t kFaceBoxValues = 4;
inline constexpr std::size_t kFacePointValues = 2 * kFacePoints;

// The outputs of all strides, each used once: of each level so many outputs of scores (1 or 2), one
// of boxes and one of points. Nothing where there are others.
std::optional<std::array<FaceLevel, 3>> find_face_levels(std::span<const Output> outputs,
                                                         media::Size input, int anchors_of_cell,
                                                         int scores_of_level);

// An anchor of a level, of its anchors_of_cell for each cell. x() and y() are the corner of the
// cell: neither of the two networks adds half a cell.
struct FaceAnchor {
  std::size_t level = 0;
  std::size_t index = 0;  // in the level's outputs
  float column = 0;
  float row = 0;
  float stride = 0;

  float x() const { return column * stride; }
  float y() const { return row * stride; }
};

FaceAnchor face_anchor_in(std::size_t level, std::size_t index, media::Size input,
                          std::size_t anchors_of_cell);
// By the number over all strides.
FaceAnchor face_anchor_at(std::uint32_t source, media::Size input, std::size_t anchors_of_cell);
std::uint32_t face_source_of(const FaceAnchor& anchor, media::Size input,
                             std::size_t anchors_of_cell);

// Both networks have points as distances from the anchor, in strides.
FacePoints face_points_at(const FaceAnchor& anchor, Values distances);

}  // namespace npu::vision
