#include "text_scene.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "vision/ctc.hpp"

namespace npu::bench {
namespace {

constexpr int kRows = kLines / 2;

// Left, top, width and height of a line in the map.
struct Place {
  double x, y, width, height;
};
Place place_of(int line) {
  const int row = line % kRows;
  return {line < kRows ? 40. : 500., 40. + row * 42, row % 5 == 4 ? 200. : 400., 14};
}

// How far a point lies within the line, which rises by 1 in 100; negative: outside.
double depth(const Place& place, double x, double y) {
  const double dy = y - (place.y + place.height / 2) + (x - place.x) / 100;
  const double dx = x - (place.x + place.width / 2);
  return std::min(place.width / 2 - std::abs(dx), place.height / 2 - std::abs(dy));
}

void draw_map(const Place& place, std::vector<float>& map) {
  for (int y = static_cast<int>(place.y) - 8; y < place.y + place.height + 4; ++y) {
    for (int x = static_cast<int>(place.x) - 4; x < place.x + place.width + 4; ++x) {
      const double inside = std::clamp(depth(place, x + 0.5, y + 0.5) / 2 + 0.5, 0.0, 1.0);
      float& value = map[static_cast<std::size_t>(y * kMap.width + x)];
      value = std::max(value, static_cast<float>(0.95 * inside));
    }
  }
}

void draw_text(const Place& place, media::Image& picture) {
  for (int y = static_cast<int>(2 * place.y) - 16; y < 2 * (place.y + place.height); ++y) {
    for (int x = static_cast<int>(2 * place.x); x < 2 * (place.x + place.width); ++x) {
      const bool letter = (x / 5 + y / 7) % 3 != 0 && x / 11 % 9 != 8;
      if (!letter || depth(place, x / 2., y / 2.) < 0) continue;
      std::fill_n(
          picture.pixels().data() +
              (static_cast<std::size_t>(y) * 2 * kMap.width + static_cast<std::size_t>(x)) * 3,
          3, std::uint8_t{30});
    }
  }
}

std::vector<int> classes_of(const std::string& text) {
  const vision::Alphabet latin = vision::Alphabet::latin97();
  std::vector<int> steps;
  for (const char letter : text) {
    int found = 1;
    while (latin[static_cast<std::size_t>(found)] != std::string_view(&letter, 1)) ++found;
    steps.insert(steps.end(), {found, 0});
  }
  return steps;
}

}  // namespace

TextScene make_text_scene() {
  TextScene scene{media::Image(2 * kMap.width, 2 * kMap.height, 3), {}, {}};
  scene.map.resize(static_cast<std::size_t>(kMap.width) * kMap.height);
  scene.scores.resize(std::size_t{kLines} * kSteps * kClasses, 0.0001F);
  std::ranges::fill(scene.picture.pixels(), std::uint8_t{235});
  for (int line = 0; line < kLines; ++line) {
    draw_map(place_of(line), scene.map);
    draw_text(place_of(line), scene.picture);
    const auto steps = classes_of(fmt::format("Line {}", line));
    for (std::size_t step = 0; step < kSteps; ++step) {
      const int best = step < steps.size() ? steps[step] : 0;
      scene.scores[(static_cast<std::size_t>(line) * kSteps + step) * kClasses +
                   static_cast<std::size_t>(best)] = 0.9F;
    }
  }
  return scene;
}

std::string text_profile() {
  std::string boxes;
  for (int row = 0; row < kLines / 2; ++row) {
    for (const double left : {0.05, 0.55}) {
      const double top = 0.02 + row * 0.032;
      boxes += fmt::format("{}[{}, {}, {}, {}]", boxes.empty() ? "" : ", ", left, top, left + 0.3,
                           top + 0.013);
    }
  }
  const auto classes = classes_of("Line");
  return fmt::format(
      "name: ocr-chip\narchitecture: HAILO10H\nfirmware: 5.2.0\nmemory_mb: 7500\nmodels:\n"
      "  ocr_det: {{kind: tensor, size_mb: 7, load_ms: 48, fps: {{1: 22.2, 8: 40.8}}, inputs: "
      "[{{name: in, dtype: uint8, shape: [544, 960, 3]}}], outputs: [{{name: map, dtype: float32, "
      "shape: [544, 960, 1], text_map: [{}]}}]}}\n"
      "  ocr: {{kind: tensor, size_mb: 7, load_ms: 48, fps: {{1: 45.6, 8: 117}}, inputs: [{{name: "
      "in, dtype: uint8, shape: [48, 320, 3]}}], outputs: [{{name: steps, dtype: float32, shape: "
      "[1, {}, {}], ctc: [{}]}}]}}\n",
      boxes, kSteps, kClasses, fmt::join(classes, ", "));
}

}  // namespace npu::bench
