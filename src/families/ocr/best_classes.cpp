#include "families/ocr/best_classes.hpp"

#include <algorithm>
#include <array>

namespace npu::families {
namespace {

// In lanes that the compiler turns into vector instructions.
float greatest(std::span<const float> row) {
  constexpr std::size_t kLanes = 16;
  std::array<float, kLanes> lanes;
  lanes.fill(row.front());
  std::size_t i = 0;
  for (; i + kLanes <= row.size(); i += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) {
      lanes[k] = row[i + k] > lanes[k] ? row[i + k] : lanes[k];
    }
  }
  float most = *std::ranges::max_element(lanes);
  for (; i < row.size(); ++i) most = std::max(most, row[i]);
  return most;
}

}  // namespace

void best_classes(std::span<const float> scores, std::size_t classes, std::span<float> best) {
  for (std::size_t row = 0; 2 * row < best.size(); ++row) {
    const auto values = scores.subspan(row * classes, classes);
    const float most = greatest(values);
    const auto at = std::ranges::find(values, most);
    best[2 * row] = at == values.end() ? 0 : static_cast<float>(at - values.begin());
    best[2 * row + 1] = most;
  }
}

}  // namespace npu::families
