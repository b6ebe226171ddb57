// How a picture is looked at by a detector: at which size, and in how many overlapping parts.
#pragma once

#include <vector>

#include "media/image.hpp"
#include "services/ocr/networks.hpp"

namespace npu::ocr {

struct TileRules {
  double enlarge = 1;    // of small pictures, at most
  int max_side = 1920;   // pixels that the longer side of a picture is shrunken to
  int tile_side = 1280;  // largest part that a network of free sides sees at once
  int overlap = 96;      // of neighbouring parts
};

struct Tile {
  media::Size input;    // of the network
  media::Region part;   // of the resized picture, in the upper left corner of the input
  media::Region trust;  // of the resized picture: what this one's map is believed about
};

struct TilePlan {
  media::Size resized;  // of the whole picture
  std::vector<Tile> tiles;
};

// Every pixel of the resized picture is trusted to exactly one tile.
TilePlan plan_tiles(media::Size picture, const Detector& detector, const TileRules& rules);

}  // namespace npu::ocr
