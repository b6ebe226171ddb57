// Resizing exactly as Pillow does it: filters whose width grows with the reduction, so that
// shrinking averages instead of skipping pixels. Two passes, rows first.
//
// 8-bit results equal Pillow's; float results equal those of its mode F.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "media/image.hpp"

namespace npu::media {

enum class Resample {
  kBilinear,  // a triangle
  kBicubic,   // a = -0.5
};

// width, height: of the result, positive. source is not empty.
Image resize(const Image& source, int width, int height, Resample how = Resample::kBilinear);

// A part of a resized picture. It takes the work and the memory of that part, whatever the size of
// the whole.
struct ResizedPart {
  Size whole;
  Region part;  // of the whole, not empty
  Resample how = Resample::kBilinear;
};
// The rows of a picture as a decoder makes them.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // The next one from above, width * channels bytes; valid until the next call. There are as many
  // as the picture is high, whatever goes wrong.
  virtual const std::uint8_t* next() = 0;
};
// Of a source of this size, which is never held as a whole; rows below the last that counts stay.
void resize_into(RowSource& source, Size size, int channels, const ResizedPart& wanted,
                 std::span<std::uint8_t> out, std::size_t stride);
// out: the part's rows, `stride` bytes from one to the next.
void resize_into(const Image& source, const ResizedPart& wanted, std::span<std::uint8_t> out,
                 std::size_t stride);
// The whole; out: width * height * channels bytes.
void resize_into(const Image& source, int width, int height, std::span<std::uint8_t> out);
// The averages of squares of `by` x `by` pixels, at the right and lower edge of what is left of
// them. What is several times too large is resized through this with less work and, as far as one
// can see, the same result. by: 1..64.
Image reduce(const Image& source, int by);
FloatMap resize(const FloatMap& source, int width, int height);

// The rows of resize(source, width, height) one by one, for a map that is too large to be held.
class ResizedRows {
 public:
  ResizedRows(const FloatMap& source, int width, int height);

  int width() const { return width_; }
  int height() const { return static_cast<int>(rows_.size()); }
  // out: width() values.
  void row(int y, std::span<float> out) const;

 private:
  struct Weight {
    std::size_t row = 0;  // of narrow_
    double weight = 0;
  };

  int width_;
  std::vector<float> narrow_;              // the source, of the new width
  std::vector<std::vector<Weight>> rows_;  // what each row is the sum of
};

}  // namespace npu::media
