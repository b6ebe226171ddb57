// Four corners of something flat that is seen from anywhere: a line of text in a photograph.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "media/geometry.hpp"

namespace npu::vision {

// Clockwise, from the upper left one of the text as it is read.
using Quad = std::array<media::Point, 4>;

inline double distance(const media::Point& a, const media::Point& b) {
  return std::hypot(b.x - a.x, b.y - a.y);
}

// Of the upper and the left side.
inline double width_of(const Quad& quad) { return distance(quad[0], quad[1]); }
inline double height_of(const Quad& quad) { return distance(quad[0], quad[3]); }

// Turned so that what was corner `first` is the upper left one.
inline Quad starting_at(const Quad& quad, std::size_t first) {
  Quad turned;
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = quad[(i + first) % quad.size()];
  return turned;
}

// From one share of its width to another.
inline Quad part_of(const Quad& quad, double from, double to) {
  const auto between = [](const media::Point& a, const media::Point& b, double share) {
    return media::Point{a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share};
  };
  return {between(quad[0], quad[1], from), between(quad[0], quad[1], to),
          between(quad[3], quad[2], to), between(quad[3], quad[2], from)};
}

inline media::Box bounds_of(const Quad& quad) {
  media::Box box{quad[0], quad[0]};
  for (const media::Point& corner : quad) {
    box.from.x = std::min(box.from.x, corner.x);
    box.from.y = std::min(box.from.y, corner.y);
    box.to.x = std::max(box.to.x, corner.x);
    box.to.y = std::max(box.to.y, corner.y);
  }
  return box;
}

}  // namespace npu::vision
