// Drawing on pictures: what a network has found, for people to see.
//
//   media::Canvas canvas(picture);
//   canvas.mask(region, bytes, colour);
//   canvas.box(box, colour);
//   canvas.label(box, "person 92%", colour);
//
// Lines and letters are as large as suits the picture. Coordinates may be any numbers: what lies
// outside is not drawn, of what stands out the part inside is, and of what has a coordinate that is
// not finite nothing. Drawn by OpenCV's imgproc. One thread at a time; blocks.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "media/geometry.hpp"
#include "media/image.hpp"
#include "media/palette.hpp"

namespace npu::media {

class Canvas {
 public:
  // picture: of three channels, not empty; outlives the canvas.
  explicit Canvas(Image& picture);

  // Of lines, in pixels: a 300th of the mean of the sides, at least 1.
  int thickness() const { return thickness_; }

  // A frame whose outer edges are the box's, rounded to pixels, and at least one pixel apart.
  void box(const Box& box, Colour colour);
  // Its middle goes from one point to the other; the ends are round, the edges smooth.
  void line(Point from, Point to, Colour colour);
  // Filled, a little wider than a line.
  void dot(Point at, Colour colour);
  // Half of the colour over each pixel of the region whose byte is not zero. mask: rows of the
  // region from the top, of region.size.width bytes; the region may stand out of the picture.
  void mask(const Region& region, std::span<const std::uint8_t> mask, Colour colour);
  // On a ground of this colour, above the box where there is room, else inside of it, and moved
  // into the picture where it would stand out; what is wider than the picture is cut off. Drawn as
  // to_ascii() has it, of at most kLongestLabel characters.
  void label(const Box& box, std::string_view utf8, Colour colour);
  static constexpr std::size_t kLongestLabel = 60;

 private:
  void fill(const Region& region, Colour colour);

  Image& picture_;
  int thickness_;
};

}  // namespace npu::media
