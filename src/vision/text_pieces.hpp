// Lines that came apart: a network leaves holes in a line whose words stand far apart, or that is
// printed badly, and each piece, widened, begins within the one before it. Read by themselves,
// letters at their ends are read twice.
#pragma once

#include <vector>

#include "vision/text_map.hpp"

namespace npu::vision {

// Pieces of one line, which overlap along it and have its height, are one region: the least
// rectangle around them. Others stay as they are. In no particular order.
std::vector<TextRegion> join_pieces(const std::vector<TextRegion>& regions);

}  // namespace npu::vision
