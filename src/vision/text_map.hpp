// From the map of a DB network (differentiable binarisation), which says of each pixel how likely
// it belongs to text, to the lines of text.
//
// The map's text is shrunken, so that neighbouring lines do not touch: what is found is widened by
// area * unclip_ratio / perimeter, the inverse of what the networks are trained with.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "media/image.hpp"
#include "vision/quad.hpp"

namespace npu::vision {

// The defaults are PaddleOCR's.
struct TextMapRules {
  double pixel_threshold = 0.3;  // of a pixel that belongs to text
  double box_threshold = 0.6;    // least mean of a region's pixels
  double unclip_ratio = 1.5;
  double min_side = 3;             // pixels of the map, before it is widened
  std::size_t max_regions = 1000;  // the largest stay
};

struct TextRegion {
  Quad quad;  // of the least rectangle, also where it is turned; pixels of the map, may stand out
  float score = 0;
};

// map: size.width * size.height values, rows from the top. Pieces of a line are joined
// (text_pieces.hpp). In no particular order. Takes time.
std::vector<TextRegion> find_text(std::span<const float> map, media::Size size,
                                  const TextMapRules& rules);

}  // namespace npu::vision
