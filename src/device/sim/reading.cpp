#include "device/sim/reading.hpp"

#include <algorithm>
#include <cmath>

#include "device/sim/yaml_reader.hpp"

namespace npu::device::sim {
namespace {

constexpr float kSure = 0.9F;

std::shared_ptr<Reading> matrix_of(const YAML::Node& node, const Shape& shape) {
  if (!node.IsSequence()) yaml_fail(node, "text_map and ctc are lists");
  Shape sides;
  std::ranges::copy_if(shape, std::back_inserter(sides), [](auto side) { return side != 1; });
  if (sides.size() != 2) yaml_fail(node, "text_map and ctc are for shapes of two sides over 1");
  auto how = std::make_shared<Reading>();
  how->rows = static_cast<int>(sides[0]);
  how->columns = static_cast<int>(sides[1]);
  return how;
}

}  // namespace

std::shared_ptr<const Reading> read_text_map(const YAML::Node& node, const Shape& shape) {
  auto how = matrix_of(node, shape);
  for (const auto& row : node) {
    if (!row.IsSequence() || row.size() != 4) yaml_fail(row, "a box is a list of 4 numbers");
    auto& box = how->boxes.emplace_back();
    for (std::size_t i = 0; i < 4; ++i) {
      box[i] = static_cast<float>(to_number(row[i], "a side of a box", 0, 1));
    }
  }
  return how;
}

std::shared_ptr<const Reading> read_ctc(const YAML::Node& node, const Shape& shape) {
  auto how = matrix_of(node, shape);
  if (node.size() > static_cast<std::size_t>(how->rows)) yaml_fail(node, "more classes than rows");
  for (const auto& one : node) {
    how->classes.push_back(static_cast<int>(to_number(one, "a class", 0, how->columns - 1)));
  }
  how->classes.resize(static_cast<std::size_t>(how->rows));
  return how;
}

void fill_reading(const Reading& how, std::span<float> out) {
  std::ranges::fill(out, 0.F);
  const auto rows = static_cast<std::size_t>(how.rows);
  const auto columns = static_cast<std::size_t>(how.columns);
  for (; out.size() >= rows * columns; out = out.subspan(rows * columns)) {
    for (std::size_t row = 0; row < how.classes.size(); ++row) {
      out[row * columns + static_cast<std::size_t>(how.classes[row])] = kSure;
    }
    for (const auto& box : how.boxes) {
      const auto at = [](float share, std::size_t count) {
        return static_cast<std::size_t>(std::lround(share * static_cast<float>(count)));
      };
      const std::size_t width =
          at(box[2], columns) - std::min(at(box[0], columns), at(box[2], columns));
      for (std::size_t y = at(box[1], rows); y < at(box[3], rows); ++y) {
        std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(y * columns + at(box[0], columns)),
                    width, kSure);
      }
    }
  }
}

}  // namespace npu::device::sim
