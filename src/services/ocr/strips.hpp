// How lines of text are laid out for a recogniser: each in a strip of its height.
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
};

// For each quad a strip, the narrow ones first, so that neighbours have one width as often as may
// be. What is too long for the network is squeezed.
std::vector<Strip> plan_strips(std::span<const vision::Quad> quads, const Recogniser& recogniser);

}  // namespace npu::ocr
