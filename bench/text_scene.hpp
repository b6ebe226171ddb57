// A page of 60 lines in two columns, for benchmarks of reading: the picture, what a detector says
// of it, and a simulated Hailo-10H that says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "media/image.hpp"
#include "vision/quad.hpp"

namespace npu::bench {

inline constexpr media::Size kMap{960, 1344};  // the picture is twice as large
inline constexpr int kLines = 60;
inline constexpr int kSteps = 40;
inline constexpr int kClasses = 97;

struct TextScene {
  media::Image picture;       // lines of something like letters on paper
  std::vector<float> map;     // each line a little turned
  std::vector<float> scores;  // of each line, kSteps x kClasses: "Line 0", "Line 1", ...
};
TextScene make_text_scene();

// Published rates (src/device/sim/profiles/hailo10h.yaml), and a map with as many lines, which are
// all read alike.
std::string text_profile();

}  // namespace npu::bench
