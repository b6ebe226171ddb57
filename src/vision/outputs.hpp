// The outputs of a network, and how those of one that looks at a picture at several strides lie.
//
// An anchor is a place where something may be found: a cell of the grid of a stride. Anchors are
// counted over all strides, the finest first, row by row: 0 .. anchors_of(input) - 1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "media/image.hpp"

namespace npu::vision {

// One tensor, C-order, without batch; dimensions of 1 in front of two others are ignored.
struct Output {
  std::span<const std::int64_t> shape;
  std::span<const float> data;
  std::string_view name = {};
};

inline constexpr std::array<int, 3> kStrides{8, 16, 32};

// Whether the strides divide the input: else it has no grids.
bool has_grids(media::Size input);
std::int64_t anchors_of(media::Size input);

// The shape without the 1s in front of its last `rank` dimensions.
std::span<const std::int64_t> without_batch(std::span<const std::int64_t> shape, std::size_t rank);

// (rows, columns), where the output has two dimensions.
std::optional<std::pair<std::int64_t, std::int64_t>> table_of(const Output& output);

// An output (h, w, channels) of the grid of a stride.
struct GridPart {
  int output;  // its index
  std::int64_t channels;
};
std::vector<GridPart> grid_parts(std::span<const Output> outputs, media::Size input, int stride);

// "(80, 80, 64), (80, 80, 80)": for messages.
std::string shapes_of(std::span<const Output> outputs);

}  // namespace npu::vision
