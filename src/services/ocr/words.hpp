// Where in a line its words stand.
#pragma once

#include <vector>

#include "services/ocr/page.hpp"
#include "vision/ctc.hpp"

namespace npu::ocr {

// Without their blanks. read: its places are shares of the line's length. Words that are written
// without spaces between are one.
std::vector<Word> words_of(const vision::CtcText& read, const vision::Quad& line);

}  // namespace npu::ocr
