// What was read in the strips of one line, as one text.
#pragma once

#include <span>
#include <vector>

#include "services/ocr/strips.hpp"
#include "vision/ctc.hpp"
#include "vision/text_gaps.hpp"

namespace npu::ocr {

struct LinePart {
  Strip strip;
  vision::CtcText read;               // its places as shares of the strip's width
  std::vector<vision::TextGap> gaps;  // likewise
};

struct WholeLine {
  vision::CtcText read;  // its places as shares of the line's length
  std::vector<vision::TextGap> gaps;
};

// parts: from the line's beginning on, at least one. Where two overlap, the first is believed up to
// the widest gap that both have in common, or to the middle.
WholeLine join_parts(std::span<const LinePart> parts);

}  // namespace npu::ocr
