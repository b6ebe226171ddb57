#include "media/image_orient.hpp"

#include <algorithm>

namespace npu::media {
namespace {

// Rows become columns.
bool turns(int orientation) { return orientation >= 5 && orientation <= 8; }

}  // namespace

Size upright_size(Size stored, int orientation) {
  return turns(orientation) ? Size{stored.height, stored.width} : stored;
}

Image upright(const Image& stored, int orientation) {
  if (orientation < 2 || orientation > 8) return stored;
  const bool turned = turns(orientation);
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const int channels = stored.channels();
  const Size size = upright_size({stored.width(), stored.height()}, orientation);
  Image out(size.width, size.height, channels);
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
