#include "services/ocr/strips.hpp"

#include <algorithm>
#include <cmath>

#include "vision/text_strip.hpp"

namespace npu::ocr {
namespace {

constexpr int kMostParts = 16;             // of a line; what is longer still is squeezed
constexpr double kSlightlySqueezed = 1.1;  // is read as well, and has no borders

// Of pixels at the network's height. longest: that one strip takes.
void add_parts(std::vector<Strip>& strips, std::size_t region, int length, int longest,
               const Recogniser& recogniser) {
  const int overlap = std::min(recogniser.height, longest / 2);
  const int count =
      std::min(kMostParts, (length - overlap + longest - overlap - 1) / (longest - overlap));
  const double part = (length + (count - 1.0) * overlap) / count;
  for (int i = 0; i < count; ++i) {
    const double from = i * (part - overlap) / length;
    strips.push_back(
        {.region = region,
         .text = {std::clamp(static_cast<int>(std::lround(part)), 1, longest), recogniser.height},
         .width = longest,
         .from = from,
         .to = i + 1 == count ? 1 : from + part / length});
  }
}

}  // namespace

vision::Quad part_of(const vision::Quad& line, const Strip& strip) {
  return vision::part_of(line, strip.from, strip.to);
}

std::vector<Strip> plan_strips(std::span<const vision::Quad> quads, const Recogniser& recogniser) {
  const int step = recogniser.step;
  const int longest = step > 0 ? recogniser.max_width / step * step : recogniser.width;
  std::vector<Strip> strips;
  strips.reserve(quads.size());
  for (std::size_t i = 0; i < quads.size(); ++i) {
    const int wanted = vision::strip_width(quads[i], recogniser.height);
    if (wanted > kSlightlySqueezed * longest) {
      add_parts(strips, i, wanted, longest, recogniser);
      continue;
    }
    int width = recogniser.width;
    if (step > 0 && wanted > width) width = std::min(longest, (wanted + step - 1) / step * step);
    strips.push_back(
        {.region = i, .text = {std::min(wanted, width), recogniser.height}, .width = width});
  }
  std::ranges::stable_sort(strips, {}, &Strip::width);
  return strips;
}

std::vector<Strip> plan_squeezed(std::span<const vision::Quad> quads, media::Size input) {
  std::vector<Strip> strips(quads.size());
  for (std::size_t i = 0; i < quads.size(); ++i) {
    const int wanted = vision::strip_width(quads[i], input.height);
    strips[i] = {
        .region = i, .text = {std::min(wanted, input.width), input.height}, .width = input.width};
  }
  return strips;
}

}  // namespace npu::ocr
