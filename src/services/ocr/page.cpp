#include "services/ocr/page.hpp"

#include <algorithm>
#include <cmath>

namespace npu::ocr {

media::Box pixels_of(const vision::Quad& quad, media::Size picture) {
  const auto pixel = [](double at, int most) {
    return std::clamp(std::round(at), 0.0, static_cast<double>(most));
  };
  media::Box box = vision::bounds_of(quad);
  box.from = {pixel(box.from.x, picture.width), pixel(box.from.y, picture.height)};
  box.to = {pixel(box.to.x, picture.width), pixel(box.to.y, picture.height)};
  return box;
}

std::string plain_text(const Page& page) {
  std::string text;
  for (const auto& block : page.blocks) {
    if (!text.empty()) text += '\n';
    for (const auto& line : block) {
      const char* before = "";
      for (const std::size_t i : line) {
        text += before + page.regions[i].text;
        before = " ";
      }
      text += '\n';
    }
  }
  return text;
}

}  // namespace npu::ocr
