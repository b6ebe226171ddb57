// From what a network says of each part of its input to one vector.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace npu::families {

enum class Pooling {
  kMean,  // of the rows that count
  kCls,   // the first row
  kLast,  // the last row that counts
  kNone,  // all rows, one after the other
};
// "mean", "cls", "last", "none".
std::optional<Pooling> pooling_named(std::string_view name);

// Elements of the vector from rows of this width.
std::size_t pooled_size(Pooling pooling, std::size_t rows, std::size_t width);

// values: rows of `width` elements, of which the first `counting` count, at least one. out has
// pooled_size() elements.
void pool(Pooling pooling, std::span<const float> values, std::size_t width, std::size_t counting,
          std::span<float> out);

// To length 1; nothing but zeros stays as it is.
void normalise(std::span<float> vector);

}  // namespace npu::families
