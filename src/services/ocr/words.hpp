// Where in a line its words stand.
#pragma once

#include <vector>

#include "services/ocr/page.hpp"
#include "vision/ctc.hpp"

namespace npu::ocr {

// Without their blanks. text_share: how much of the steps were of the text, from the first on;
// above 0, at most 1. Words that are written without spaces between are one.
std::vector<Word> words_of(const vision::CtcText& read, const vision::Quad& line,
                           double text_share);

}  // namespace npu::ocr
