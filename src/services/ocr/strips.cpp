#include "services/ocr/strips.hpp"

#include <algorithm>

#include "vision/text_strip.hpp"

namespace npu::ocr {

std::vector<Strip> plan_strips(std::span<const vision::Quad> quads, const Recogniser& recogniser) {
  std::vector<Strip> strips;
  strips.reserve(quads.size());
  for (std::size_t i = 0; i < quads.size(); ++i) {
    const int wanted = vision::strip_width(quads[i], recogniser.height);
    Strip strip{.region = i, .text = {wanted, recogniser.height}, .width = recogniser.width};
    if (recogniser.step > 0 && wanted > recogniser.width) {
      const int most = recogniser.max_width / recogniser.step * recogniser.step;
      strip.width =
          std::min(most, (wanted + recogniser.step - 1) / recogniser.step * recogniser.step);
    }
    strip.text.width = std::min(wanted, strip.width);
    strips.push_back(strip);
  }
  std::ranges::stable_sort(strips, {}, &Strip::width);
  return strips;
}

}  // namespace npu::ocr
