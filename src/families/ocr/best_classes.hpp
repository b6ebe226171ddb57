// What of a recogniser's scores a greedy reader looks at.
//
// A page of lines has scores of 200 MB with a Chinese dictionary; their best classes are a few
// kilobytes.
#pragma once

#include <cstddef>
#include <span>

namespace npu::families {

// scores: rows of `classes` values. best: two for each row, the class of the greatest value, the
// first of equals, and that value. classes is positive.
void best_classes(std::span<const float> scores, std::size_t classes, std::span<float> best);

}  // namespace npu::families
