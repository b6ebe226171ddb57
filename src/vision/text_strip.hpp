// A picture as networks for text want it: the whole for a detector, and lines cut out of it for a
// recogniser: straight, upright strips of one height.
#pragma once

#include <cstdint>
#include <span>

#include "media/image.hpp"
#include "vision/quad.hpp"

namespace npu::vision {

// All of a picture of 3 channels in this size, for a detector: averaged where it is shrunken. Takes
// time.
media::Image resized_page(const media::Image& picture, media::Size size);

// The quad as its text is most likely read: what is half as high again as wide has its lines from
// above to below, and is turned to the left.
Quad reading_direction(const Quad& quad);

// How wide the quad is at this height, at least 1.
int strip_width(const Quad& quad, int height);

// Draws the quad's part of the picture, stretched to text.width x text.height, into the upper left
// corner of a strip of strip.width x text.height pixels; the rest is `fill`. Beyond the picture its
// edge goes on. picture: of 3 channels, not empty; strip: rows of RGB. Smooth also where the text
// is much larger than the strip. Takes time.
void cut_strip(const media::Image& picture, const Quad& quad, media::Size text, int strip_width,
               std::uint8_t fill, std::span<std::uint8_t> strip);

}  // namespace npu::vision
