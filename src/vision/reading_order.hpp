// In which order people read what lies on a page: columns from the left, in each its lines from
// above, and what goes over several columns before or behind them, where it lies.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "media/geometry.hpp"

namespace npu::vision {

// Regions beside each other that are read as one line, from the left; by their indices.
using ReadLine = std::vector<std::size_t>;
// Lines below each other: a column, or what lies above or below columns.
using ReadBlock = std::vector<ReadLine>;

// boxes: of the regions of a page that lies upright. Every one is in exactly one line.
std::vector<ReadBlock> reading_order(std::span<const media::Box> boxes);

}  // namespace npu::vision
