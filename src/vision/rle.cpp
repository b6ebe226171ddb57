#include "vision/rle.hpp"

#include <algorithm>
#include <utility>

namespace npu::vision {
namespace {

std::uint32_t height_of(const Rle& rle) { return static_cast<std::uint32_t>(rle.size.height); }

// Calls visit(column, from, to) for the rows of each run, column by column.
template <class Visit>
void for_each_column_run(const Rle& rle, Visit visit) {
  const std::uint32_t height = height_of(rle);
  for_each_run(rle, [&](std::uint32_t begin, std::uint32_t end) {
    while (begin < end) {
      const std::uint32_t column = begin / height;
      const std::uint32_t first = column * height;
      const std::uint32_t stop = std::min(end, first + height);
      visit(static_cast<int>(column), static_cast<int>(begin - first),
            static_cast<int>(stop - first));
      begin = stop;
    }
  });
}

}  // namespace

Rle RleBuilder::finish() && {
  const std::uint32_t pixels =
      static_cast<std::uint32_t>(rle_.size.width) * static_cast<std::uint32_t>(rle_.size.height);
  if (end_ < pixels) rle_.counts.push_back(pixels - end_);
  return std::move(rle_);
}

std::uint32_t area_of(const Rle& rle) {
  std::uint32_t area = 0;
  for_each_run(rle, [&](std::uint32_t begin, std::uint32_t end) { area += end - begin; });
  return area;
}

media::Region bounds_of(const Rle& rle) {
  int left = rle.size.width;
  int right = 0;
  int top = rle.size.height;
  int bottom = 0;
  for_each_column_run(rle, [&](int column, int from, int to) {
    left = std::min(left, column);
    right = column + 1;
    top = std::min(top, from);
    bottom = std::max(bottom, to);
  });
  if (right == 0) return {};
  return {left, top, {right - left, bottom - top}};
}

std::string coco_text(const Rle& rle) {
  std::string text;
  for (std::size_t i = 0; i < rle.counts.size(); ++i) {
    // From the fourth on the difference to the one before the last, which is often small.
    std::int64_t rest = rle.counts[i];
    if (i > 2) rest -= rle.counts[i - 2];
    for (bool more = true; more;) {
      const auto group = static_cast<int>(rest & 0x1f);
      rest >>= 5;
      more = (group & 0x10) != 0 ? rest != -1 : rest != 0;
      text += static_cast<char>('0' + (more ? group | 0x20 : group));
    }
  }
  return text;
}

std::vector<std::uint8_t> pixels_of(const Rle& rle, const media::Region& part,
                                    std::uint8_t inside) {
  const auto width = static_cast<std::size_t>(part.size.width);
  std::vector<std::uint8_t> pixels(width * static_cast<std::size_t>(part.size.height));
  for_each_column_run(rle, [&](int column, int from, int to) {
    if (column < part.x || column >= part.x + part.size.width) return;
    const int first = std::max(from, part.y) - part.y;
    const int last = std::min(to, part.y + part.size.height) - part.y;
    std::uint8_t* out = pixels.data() + (column - part.x);
    for (int row = first; row < last; ++row) out[static_cast<std::size_t>(row) * width] = inside;
  });
  return pixels;
}

}  // namespace npu::vision
