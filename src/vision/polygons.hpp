// The outline of an object: masks as COCO's polygons.
#pragma once

#include <vector>

#include "vision/rle.hpp"

namespace npu::vision {

// x0, y0, x1, y1, ... in pixels, where (0, 0) is the upper left corner of the upper left pixel;
// closed by itself, at least three points.
using Polygon = std::vector<int>;

// One polygon for each part that hangs together. They run along the outer edges of the pixels, so
// that what they enclose is what is inside, but that steps of one pixel become slopes; then points
// are left out that lie within `tolerance` pixels of the line without them. A list of polygons has
// no holes: each hole is joined to the outline around it by a cut that has no width, there and
// back, and one that is nothing but a line at that tolerance is left out. Holes and gaps of one
// pixel are closed. Takes memory of twice the pixels of the object's bounds.
std::vector<Polygon> polygons_of(const Rle& mask, double tolerance);

}  // namespace npu::vision
