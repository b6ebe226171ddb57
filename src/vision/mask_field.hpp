// From a network's idea of where an object is to its pixels in the picture.
//
//   const MaskField field = prototypes.field(coefficients, box, input);
//   const Rle mask = pixels_inside(field, box, {picture, 1 / scale, ...});
//
// A field is coarse: a quarter of the network's input. Between its samples it is interpolated
// linearly in both directions, and the picture's pixels whose middle is above one half are inside.
// Down a column of pixels that is a line with as many corners as the field has rows, so the ends of
// the runs are computed and the pixels between them are not: the time depends on the field's rows
// and the box's columns, not on its pixels.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "media/image.hpp"
#include "vision/detection.hpp"
#include "vision/head.hpp"
#include "vision/rle.hpp"

namespace npu::vision {

// Samples of how surely a point belongs to an object, 0..1, in a part of the network's input. Each
// stands for the middle of a rectangle of `step` pixels; outside of all the nearest counts.
struct MaskField {
  int columns = 0;
  int rows = 0;
  float left = 0;  // of the first rectangle, in pixels of the input
  float top = 0;
  float step_x = 1;
  float step_y = 1;
  std::vector<float> values;  // column by column; finite
};

// Where the picture lies in the network's input: at input = origin + picture * scale.
struct PictureInInput {
  media::Size picture;
  float left = 0;
  float top = 0;
  float scale_x = 1;
  float scale_y = 1;
};

// What of the field is above one half, within the box (in the input). Empty where no pixel's middle
// is. The picture has at most 2^32 - 1 pixels.
Rle pixels_inside(const MaskField& field, const Box& box, const PictureInInput& where);

// Planes of which each object's mask is a sum: sigmoid(coefficients x prototypes).
class Prototypes {
 public:
  // output: (count, rows, columns), or (rows, columns, count) where channels_last; outlives it.
  Prototypes(const Output& output, bool channels_last);

  std::size_t count() const { return count_; }
  // Of the samples that the box reaches. input: which all samples together cover. coefficients:
  // count() of them.
  MaskField field(std::span<const float> coefficients, const Box& box, media::Size input) const;

 private:
  // Samples of a row that are added up at a time: loops over so many are vectorised.
  static constexpr std::size_t kTogether = 32;
  using Sums = std::array<float, kTogether>;
  // Of `count` samples of one row from the one with this number on.
  Sums sums_from(std::size_t first, std::size_t count, std::span<const float> coefficients) const;

  std::size_t count_;
  int rows_;
  int columns_;
  bool channels_last_;
  std::span<const float> data_;
};

// A mask of one byte a pixel of the input, 0 or not, as HailoRT gives it: row by row, the first at
// the box's corner. bytes: columns * rows.
MaskField field_of_bytes(std::span<const std::uint8_t> bytes, int columns, int rows,
                         const Box& box);

}  // namespace npu::vision
