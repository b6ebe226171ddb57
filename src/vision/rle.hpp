// The pixels of an object in a picture, as runs: what COCO calls an RLE.
//
// Pixels are counted down the columns, from the left: the one in column x and row y is number
// x * height + y. Source of the text: rleToString() of maskApi.c in cocodataset/cocoapi.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "media/image.hpp"

namespace npu::vision {

struct Rle {
  media::Size size;
  // Pixels outside, inside, outside, ... in turn; the first may be 0. Their sum is the number of
  // pixels.
  std::vector<std::uint32_t> counts;
  bool operator==(const Rle&) const = default;
};

// Runs of pixels inside, in ascending order.
class RleBuilder {
 public:
  // size: at most 2^32 - 1 pixels.
  explicit RleBuilder(media::Size size) : rle_{size, {}} {}

  // From pixel number `begin` to before `end`: not before the end of the run before. Empty runs are
  // none, and what touches is one.
  void add(std::uint32_t begin, std::uint32_t end) {
    if (begin >= end) return;
    auto& counts = rle_.counts;
    if (begin == end_ && !counts.empty()) {
      counts.back() += end - begin;
    } else {
      counts.push_back(begin - end_);
      counts.push_back(end - begin);
    }
    end_ = end;
  }
  Rle finish() &&;

 private:
  Rle rle_;
  std::uint32_t end_ = 0;  // of the last run
};

// Calls visit(begin, end) for each run of pixels inside.
template <class Visit>
void for_each_run(const Rle& rle, Visit visit) {
  std::uint32_t at = 0;
  for (std::size_t i = 0; i < rle.counts.size(); ++i) {
    const std::uint32_t end = at + rle.counts[i];
    if (i % 2 == 1) visit(at, end);
    at = end;
  }
}

// Pixels inside.
std::uint32_t area_of(const Rle& rle);

// The smallest region that holds all pixels inside; of none 0 x 0.
media::Region bounds_of(const Rle& rle);

// The counts as COCO's tools write them into JSON: groups of five bits from '0' on.
std::string coco_text(const Rle& rle);

// The pixels of `part`, row by row: `inside` or 0. Fastest of a few rows, because runs go down.
std::vector<std::uint8_t> pixels_of(const Rle& rle, const media::Region& part, std::uint8_t inside);

// Calls visit(region, pixels) for bands of rows from the top that cover what bounds_of() says, with
// the pixels as pixels_of() has them. None where nothing is inside.
template <class Visit>
void for_each_band(const Rle& rle, std::uint8_t inside, Visit visit) {
  constexpr int kRows = 64;  // lines that stay in the cache
  const media::Region bounds = bounds_of(rle);
  for (int y = 0; y < bounds.size.height; y += kRows) {
    const media::Region band{
        bounds.x, bounds.y + y, {bounds.size.width, std::min(kRows, bounds.size.height - y)}};
    visit(band, std::span<const std::uint8_t>(pixels_of(rle, band, inside)));
  }
}

}  // namespace npu::vision
