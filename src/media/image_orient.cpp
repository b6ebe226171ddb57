#include "media/image_orient.hpp"

#include <algorithm>

namespace npu::media {

Image upright(const Image& stored, int orientation) {
  if (orientation < 2 || orientation > 8) return stored;
  const bool turned = orientation >= 5;  // rows become columns
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const int channels = stored.channels();
  Image out(turned ? stored.height() : stored.width(), turned ? stored.width() : stored.height(),
            channels);
  std::uint8_t* to = out.pixels().data();
  for (int y = 0; y < out.height(); ++y) {
    for (int x = 0; x < out.width(); ++x, to += channels) {
      int column = turned ? y : x;
      int row = turned ? x : y;
      if (from_right) column = stored.width() - 1 - column;
      if (from_bottom) row = stored.height() - 1 - row;
      const std::size_t at = Image::bytes_of(stored.width(), row, channels) +
                             static_cast<std::size_t>(column) * static_cast<std::size_t>(channels);
      std::copy_n(stored.pixels().data() + at, channels, to);
    }
  }
  return out;
}

}  // namespace npu::media
