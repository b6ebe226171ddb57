#include "device/sim/raw_head.hpp"

#include <algorithm>
#include <cmath>

#include "device/sim/yaml_reader.hpp"

namespace npu::device::sim {
namespace {

constexpr int kBins = 16;
constexpr int kBoxChannels = 4 * kBins;
constexpr int kAnyLabel = 100'000;
constexpr float kNothing = -20;  // a logit whose share of a softmax nobody sees

// Where a box lies on a grid, and how far its edges are from there, in cells.
struct Cell {
  int row;
  int column;
  float distance[4];
};

Cell cell_of(const Box& box, int rows, int columns) {
  const auto height = static_cast<float>(rows);
  const auto width = static_cast<float>(columns);
  const auto index = [](float at, int count) {
    return std::clamp(static_cast<int>(at), 0, count - 1);
  };
  const int row = index((box.y_min + box.y_max) / 2 * height, rows);
  const int column = index((box.x_min + box.x_max) / 2 * width, columns);
  const float x = static_cast<float>(column) + 0.5F;
  const float y = static_cast<float>(row) + 0.5F;
  return {row,
          column,
          {x - box.x_min * width, y - box.y_min * height, box.x_max * width - x,
           box.y_max * height - y}};
}

bool reaches(const Cell& cell) {
  return std::ranges::all_of(cell.distance, [](float d) { return d >= 0 && d <= kBins - 1; });
}

// Two neighbours whose softmax has the distance as its expected value.
void draw_edge(float distance, std::span<float> bins) {
  std::ranges::fill(bins, kNothing);
  const auto low = std::min(static_cast<std::size_t>(distance), bins.size() - 2);
  const float high_share = distance - static_cast<float>(low);
  bins[low] = std::max(std::log(1 - high_share), kNothing);
  bins[low + 1] = std::max(std::log(high_share), kNothing);
}

int stride_of(const YAML::Node& node, const Shape& shape, const Shape& input) {
  if (shape.size() == 3 && input.size() >= 2) {
    for (const int stride : {8, 16, 32}) {
      if (shape[0] * stride == input[0] && shape[1] * stride == input[1]) return stride;
    }
  }
  yaml_fail(node, "dfl is for outputs (height / s, width / s, channels), s being 8, 16 or 32");
}

}  // namespace

std::shared_ptr<const RawHead> read_raw_head(const YAML::Node& node, const Shape& shape,
                                             const Shape& input) {
  auto how = std::make_shared<RawHead>();
  how->stride = stride_of(node, shape, input);
  how->rows = static_cast<int>(shape[0]);
  how->columns = static_cast<int>(shape[1]);
  how->channels = static_cast<int>(shape[2]);
  const bool edges = how->channels == kBoxChannels;
  for (const Box& box : read_boxes(node, "dfl", edges ? kAnyLabel : how->channels)) {
    const bool finer = how->stride > 8 && reaches(cell_of(box, how->rows * how->stride / 8,
                                                          how->columns * how->stride / 8));
    const bool middle = how->stride > 16 && reaches(cell_of(box, how->rows * how->stride / 16,
                                                            how->columns * how->stride / 16));
    if (finer || middle) continue;
    if (reaches(cell_of(box, how->rows, how->columns))) {
      how->report.push_back(box);
    } else if (how->stride == 32) {
      yaml_fail(node, "dfl has a box that is empty or larger than 30 cells of stride 32");
    }
  }
  return how;
}

void fill_raw_head(const RawHead& how, std::span<float> out) {
  const bool edges = how.channels == kBoxChannels;
  std::ranges::fill(out, edges ? 0 : kNothing);
  for (const Box& box : how.report) {
    const Cell cell = cell_of(box, how.rows, how.columns);
    const auto channels = static_cast<std::size_t>(how.channels);
    const auto at = static_cast<std::size_t>(cell.row * how.columns + cell.column) * channels;
    if (at + channels > out.size()) return;
    if (!edges) {
      const float logit = std::log(box.score / (1 - box.score));
      out[at + static_cast<std::size_t>(box.label)] = std::clamp(logit, kNothing, -kNothing);
      continue;
    }
    for (std::size_t i = 0; i < 4; ++i) {
      draw_edge(cell.distance[i], out.subspan(at + i * kBins, kBins));
    }
  }
}

}  // namespace npu::device::sim
