// What the fake HailoRT notes where HAILO_FAKE_RUNS names a file.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace npu::fakes {

// In the order in which it happened: "+stem" when a frame of that model has come to the chip,
// "stem" when the model's turn on the core begins.
inline std::vector<std::string> runs_noted_in(const std::string& path) {
  std::ifstream file(path);
  return {std::istream_iterator<std::string>(file), {}};
}

}  // namespace npu::fakes
