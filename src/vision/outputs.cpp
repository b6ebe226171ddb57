#include "vision/outputs.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace npu::vision {

bool has_grids(media::Size input) {
  return std::ranges::all_of(kStrides, [&](int stride) {
    return input.width % stride == 0 && input.height % stride == 0;
  });
}

std::int64_t anchors_of(media::Size input) {
  std::int64_t anchors = 0;
  for (const int s : kStrides) anchors += std::int64_t{input.width / s} * (input.height / s);
  return anchors;
}

std::span<const std::int64_t> without_batch(std::span<const std::int64_t> shape, std::size_t rank) {
  while (shape.size() > rank && shape.front() == 1) shape = shape.subspan(1);
  return shape;
}

std::optional<std::pair<std::int64_t, std::int64_t>> table_of(const Output& output) {
  const auto shape = without_batch(output.shape, 2);
  if (shape.size() != 2) return {};
  return std::pair(shape[0], shape[1]);
}

std::vector<GridPart> grid_parts(std::span<const Output> outputs, media::Size input, int stride) {
  std::vector<GridPart> found;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto shape = without_batch(outputs[i].shape, 3);
    if (shape.size() != 3 || shape[0] != input.height / stride ||
        shape[1] != input.width / stride) {
      continue;
    }
    found.push_back({static_cast<int>(i), shape[2]});
  }
  return found;
}

std::string shapes_of(std::span<const Output> outputs) {
  std::vector<std::string> shapes;
  shapes.reserve(outputs.size());
  for (const Output& output : outputs) {
    shapes.push_back(fmt::format("({})", fmt::join(output.shape, ", ")));
  }
  return fmt::format("{}", fmt::join(shapes, ", "));
}

}  // namespace npu::vision
