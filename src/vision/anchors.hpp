// What the values of one anchor mean (outputs.hpp says how anchors are counted).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "vision/detection.hpp"
#include "vision/outputs.hpp"
#include "vision/scores.hpp"

namespace npu::vision {

// The bins of the distance of one edge of a box, in strides: 0 .. 15.
inline constexpr std::size_t kBinsOfEdge = 16;
inline constexpr std::int64_t kBoxBins = 4 * kBinsOfEdge;

// The n values of a cell, or a row, of an output.
inline Values values_at(const Output& output, std::size_t cell, std::size_t n) {
  return output.data.subspan(cell * n, n);
}

inline Box box_around(float cx, float cy, float width, float height) {
  return {cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2};
}

struct Anchor {
  std::size_t level = 0;  // of kStrides
  std::size_t cell = 0;   // of its grid, row by row
  float column = 0;
  float row = 0;
  float stride = 0;

  // The middle of the cell, in pixels of the input.
  float x() const { return (column + 0.5F) * stride; }
  float y() const { return (row + 0.5F) * stride; }
};

inline Anchor anchor_in(std::size_t level, std::size_t cell, media::Size input) {
  const int stride = kStrides[level];
  const auto columns = static_cast<std::size_t>(input.width / stride);
  const std::size_t row = cell / columns;
  return {level, cell, static_cast<float>(cell - row * columns), static_cast<float>(row),
          static_cast<float>(stride)};
}

inline std::size_t cells_in(std::size_t level, media::Size input) {
  return static_cast<std::size_t>(input.width / kStrides[level]) *
         static_cast<std::size_t>(input.height / kStrides[level]);
}

// Of those before a level.
inline std::size_t first_anchor_of(std::size_t level, media::Size input) {
  std::size_t anchors = 0;
  for (std::size_t i = 0; i < level; ++i) anchors += cells_in(i, input);
  return anchors;
}

// index < anchors_of(input)
inline Anchor anchor_at(std::size_t index, media::Size input) {
  std::size_t level = 0;
  while (level + 1 < kStrides.size() && index >= cells_in(level, input)) {
    index -= cells_in(level++, input);
  }
  return anchor_in(level, index, input);
}

// Calls visit(Anchor) for each, in their order.
template <class Visit>
void for_each_anchor(media::Size input, Visit visit) {
  for (std::size_t level = 0; level < kStrides.size(); ++level) {
    const int columns = input.width / kStrides[level];
    const int rows = input.height / kStrides[level];
    Anchor anchor{.level = level, .stride = static_cast<float>(kStrides[level])};
    for (int row = 0; row < rows; ++row) {
      anchor.row = static_cast<float>(row);
      for (int column = 0; column < columns; ++column) {
        anchor.column = static_cast<float>(column);
        visit(anchor);
        ++anchor.cell;
      }
    }
  }
}

// The expected value of a softmax over the indices.
inline float expected_bin(Values bins) {
  const float most = *std::ranges::max_element(bins);
  float sum = 0;
  float weighted = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const float share = std::exp(bins[i] - most);
    sum += share;
    weighted += share * static_cast<float>(i);
  }
  return weighted / sum;
}

// Distribution focal loss: the 4 x 16 bins of an anchor are the distances of left, top, right and
// bottom edge from the middle of its cell, in strides.
inline Box dfl_box(const Anchor& anchor, Values bins) {
  const auto edge = [&](std::size_t i) {
    return expected_bin(bins.subspan(i * kBinsOfEdge, kBinsOfEdge)) * anchor.stride;
  };
  return {anchor.x() - edge(0), anchor.y() - edge(1), anchor.x() + edge(2), anchor.y() + edge(3)};
}

}  // namespace npu::vision
