#include "picture_scene.hpp"

#include <vector>

#include <fmt/format.h>

namespace npu::bench {
namespace {

constexpr int kThings = static_cast<int>(kPictureThings);
constexpr double kCell = 8.0 / 640;
constexpr int kStrides[]{8, 16, 32};

struct Sighting {
  double box[4];  // 0..1 of the input
  double score;
  int label;
};

// In rows of four, clear of each other and of what a letterbox leaves free. Small enough to lie on
// the finest grid, where the neighbours of the best cell see the same thing a cell away.
std::vector<Sighting> sightings() {
  std::vector<Sighting> all;
  for (int thing = 0; thing < kThings; ++thing) {
    for (int seen = 0; seen < 9; ++seen) {
      const int row = thing / 4;
      const int down = seen / 3 - 1;
      const double x = 0.03 + 0.24 * (thing % 4) + kCell * (seen % 3 - 1);
      const double y = 0.25 + 0.17 * row + kCell * down;
      const double score = seen == 4 ? 0.9 - 0.02 * thing : 0.45 + 0.02 * seen;
      all.push_back({{x, y, x + 0.16, y + 0.12}, score, thing * 6});
    }
  }
  return all;
}

std::string box_text(const Sighting& seen) {
  const auto& box = seen.box;
  return fmt::format("{:.5f}, {:.5f}, {:.5f}, {:.5f}, {:.2f}", box[0], box[1], box[2], box[3],
                     seen.score);
}

std::string objects() {
  std::string rows;
  for (const Sighting& seen : sightings()) {
    rows += fmt::format("[{}, {}], ", box_text(seen), seen.label);
  }
  return "[" + rows + "]";
}

std::string people() {
  std::string list;
  for (const Sighting& seen : sightings()) {
    std::string points;
    for (int i = 0; i < 17; ++i) {
      points += fmt::format("[{:.5f}, {:.5f}, {}], ", seen.box[0] + 0.009 * (i + 0.5),
                            seen.box[1] + 0.007 * (i * 5 % 17 + 0.5), i % 6 == 5 ? 0.1 : 0.8);
    }
    list += fmt::format("{{box: [{}], points: [{}]}}, ", box_text(seen), points);
  }
  return "[" + list + "]";
}

// The outputs of each stride, in the order of kStrides. third: the fill of an output of so many
// channels beside boxes and scores; 0: none.
std::string heads(const char* fill, const std::string& scene, int classes, int third,
                  const char* third_fill) {
  std::string outputs;
  const auto add = [&](int side, int channels, const std::string& how) {
    outputs += fmt::format("      - {{name: conv{}_{}, dtype: float32, shape: [{}, {}, {}], {}}}\n",
                           side, channels, side, side, channels, how);
  };
  for (const int stride : kStrides) {
    const int side = 640 / stride;
    // A list is written once: yaml-cpp copies what an anchor names.
    const bool first = stride == kStrides[0];
    add(side, 64, fmt::format("{}: {}", fill, first ? "&seen " + scene : "*seen"));
    add(side, classes, fmt::format("{}: *seen", fill));
    if (third > 0) add(side, third, third_fill);
  }
  return outputs;
}

std::string model(const char* name, const std::string& outputs) {
  return fmt::format(
      "  {}:\n    kind: tensor\n    inputs:\n"
      "      - {{name: in, dtype: uint8, shape: [640, 640, 3]}}\n    outputs:\n{}",
      name, outputs);
}

}  // namespace

std::string picture_profile() {
  const std::string masks = heads("dfl", objects(), 80, 32, "fill: 1") +
                            "      - {name: prototypes, dtype: float32, shape: [160, 160, 32], "
                            "fill: 1}\n";
  return "name: pictures\narchitecture: HAILO10H\nfirmware: 5.2.0\nmodels:\n" +
         model("detector", heads("dfl", objects(), 80, 0, "")) +
         model("pose", heads("people", people(), 1, 51, "people: *seen")) +
         model("segmenter", masks);
}

}  // namespace npu::bench
