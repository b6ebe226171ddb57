// The first bytes are the map's width and the rules, the rest its values: bytes as shares, or as
// they lie in memory, so that they are any numbers. What is found goes the way of a page's lines.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "vision/reading_order.hpp"
#include "vision/text_map.hpp"
#include "vision/text_strip.hpp"

namespace {

constexpr std::size_t kHead = 6;
constexpr std::size_t kMostPixels = 4096;
constexpr int kStripHeight = 48;
constexpr int kStripWidth = 320;

void require(bool condition) {
  if (!condition) std::abort();
}

std::vector<float> values_of(const std::uint8_t* data, std::size_t size, bool as_they_lie) {
  std::vector<float> values(as_they_lie ? size / sizeof(float) : size);
  if (values.empty()) return values;
  if (as_they_lie) {
    std::memcpy(values.data(), data, values.size() * sizeof(float));
  } else {
    std::transform(data, data + size, values.begin(),
                   [](std::uint8_t byte) { return byte / 255.F; });
  }
  return values;
}

void require_in_order_once(const std::vector<npu::media::Box>& boxes) {
  std::vector<int> seen(boxes.size());
  for (const auto& block : npu::vision::reading_order(boxes)) {
    for (const auto& line : block) {
      for (const std::size_t i : line) ++seen.at(i);
    }
  }
  require(std::ranges::all_of(seen, [](int times) { return times == 1; }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace npu;
  if (size < kHead) return 0;
  const int width = 1 + data[0] % 96;
  const vision::TextMapRules rules{.pixel_threshold = data[1] / 255.0,
                                   .box_threshold = data[2] / 255.0,
                                   .unclip_ratio = data[3] / 25.5,
                                   .min_side = 1.0 + data[4] % 8,
                                   .max_regions = 1 + std::size_t{data[5]} / 2};
  auto map = values_of(data + kHead, std::min(size - kHead, kMostPixels), data[5] % 2 == 1);
  const int height = static_cast<int>(map.size()) / width;
  if (height == 0) return 0;
  map.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  const auto regions = vision::find_text(map, {width, height}, rules);
  require(regions.size() <= rules.max_regions);

  const media::Image picture(width, height, 3);
  std::vector<std::uint8_t> strip(std::size_t{3} * kStripWidth * kStripHeight);
  std::vector<media::Box> boxes;
  for (const auto& region : regions) {
    require(region.score >= static_cast<float>(rules.box_threshold));
    for (const auto& corner : region.quad)
      require(std::isfinite(corner.x) && std::isfinite(corner.y));
    const vision::Quad quad = vision::reading_direction(region.quad);
    const int text = std::min(kStripWidth, vision::strip_width(quad, kStripHeight));
    vision::cut_strip(picture, quad, {text, kStripHeight}, kStripWidth, 128, strip);
    boxes.push_back(vision::bounds_of(quad));
  }
  require_in_order_once(boxes);
  return 0;
}
