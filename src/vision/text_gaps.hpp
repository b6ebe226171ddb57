// Where there is nothing between the characters of a line: networks that were trained on Chinese
// often do not say the spaces between words.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "media/image.hpp"
#include "vision/ctc.hpp"

namespace npu::vision {

// Columns without ink, as shares of the strip's width.
struct TextGap {
  double from = 0;
  double to = 0;
};

// strip: rows of RGB, strip_width pixels each, with a text in the upper left corner.
std::vector<TextGap> find_gaps(std::span<const std::uint8_t> strip, media::Size text,
                               int strip_width);

// Adds a space where the gap between two characters is much wider than in the rest of the line, and
// as wide as one: height is that of the strip, as a share of its width. Not beside Chinese, and
// other characters that are written without.
void add_spaces(CtcText& read, std::span<const TextGap> gaps, double height);

}  // namespace npu::vision
