#include "media/image_orient.hpp"

#include <algorithm>
#include <utility>

namespace npu::media {
namespace {

// Rows become columns.
bool turns(int orientation) { return orientation >= 5 && orientation <= 8; }

// Where columns and rows count from the other end.
bool from_right(int orientation) {
  return orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
}
bool from_bottom(int orientation) {
  return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
}

}  // namespace

Size upright_size(Size stored, int orientation) {
  return turns(orientation) ? Size{stored.height, stored.width} : stored;
}

Region stored_part(const Region& part, Size stored, int orientation) {
  Region out{part.x, part.y, upright_size(part.size, orientation)};
  if (turns(orientation)) std::swap(out.x, out.y);
  if (from_right(orientation)) out.x = stored.width - out.x - out.size.width;
  if (from_bottom(orientation)) out.y = stored.height - out.y - out.size.height;
  return out;
}

Image upright(const Image& stored, int orientation) {
  if (orientation < 2 || orientation > 8) return stored;
  const bool turned = turns(orientation);
  const int channels = stored.channels();
  const Size size = upright_size({stored.width(), stored.height()}, orientation);
  Image out(size.width, size.height, channels);
  std::uint8_t* to = out.pixels().data();
  for (int y = 0; y < out.height(); ++y) {
    for (int x = 0; x < out.width(); ++x, to += channels) {
      int column = turned ? y : x;
      int row = turned ? x : y;
      if (from_right(orientation)) column = stored.width() - 1 - column;
      if (from_bottom(orientation)) row = stored.height() - 1 - row;
      const std::size_t at = Image::bytes_of(stored.width(), row, channels) +
                             static_cast<std::size_t>(column) * static_cast<std::size_t>(channels);
      std::copy_n(stored.pixels().data() + at, channels, to);
    }
  }
  return out;
}

}  // namespace npu::media
