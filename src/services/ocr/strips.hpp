// How lines of text are laid out for a recogniser: each in a strip of its height, or, where the
// line is longer than the network takes, in several that overlap.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "media/image.hpp"
#include "services/ocr/networks.hpp"
#include "vision/quad.hpp"

namespace npu::ocr {

// The value of what a text leaves over: what networks that take (x - 127.5) / 127.5 call nothing.
inline constexpr std::uint8_t kStripFill = 128;

struct Strip {
  std::size_t region = 0;  // whose text it has
  media::Size text;        // in the upper left corner of the strip
  int width = 0;           // of the strip
  double from = 0;         // which part of the line, as shares of its length
  double to = 1;
};

// The strip's part of its line.
vision::Quad part_of(const vision::Quad& line, const Strip& strip);

// For each quad a strip or several, in the order of the line; the narrow ones first, so that
// neighbours have one width as often as may be. Strips of a line overlap by about the height of
// one; a line that is a little too long for one is squeezed.
std::vector<Strip> plan_strips(std::span<const vision::Quad> quads, const Recogniser& recogniser);

// One for each quad, as wide as the network takes: what is too long is squeezed.
std::vector<Strip> plan_squeezed(std::span<const vision::Quad> quads, media::Size input);

}  // namespace npu::ocr
