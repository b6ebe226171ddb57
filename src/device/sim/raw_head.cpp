#include "device/sim/raw_head.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "device/sim/yaml_reader.hpp"

namespace npu::device::sim {
namespace {

constexpr int kBins = 16;
constexpr int kBoxChannels = 4 * kBins;
constexpr int kPointChannels = 51;
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

int stride_of(const YAML::Node& node, const Shape& shape, const Shape& input,
              std::string_view key) {
  if (shape.size() == 3 && input.size() >= 2) {
    for (const int stride : {8, 16, 32}) {
      if (shape[0] * stride == input[0] && shape[1] * stride == input[1]) return stride;
    }
  }
  yaml_fail(node, fmt::format("{} is for outputs (height / s, width / s, channels), s being 8, 16 "
                              "or 32",
                              key));
}

std::shared_ptr<RawHead> head_of(const YAML::Node& node, const Shape& shape, const Shape& input,
                                 std::string_view key) {
  auto how = std::make_shared<RawHead>();
  how->stride = stride_of(node, shape, input, key);
  how->rows = static_cast<int>(shape[0]);
  how->columns = static_cast<int>(shape[1]);
  how->channels = static_cast<int>(shape[2]);
  return how;
}

// Whether the box is one of this stride.
bool draws(const RawHead& how, const Box& box, const YAML::Node& node, std::string_view key) {
  const auto reached_at = [&](int stride) {
    return reaches(cell_of(box, how.rows * how.stride / stride, how.columns * how.stride / stride));
  };
  if (how.stride > 8 && reached_at(8)) return false;
  if (how.stride > 16 && reached_at(16)) return false;
  if (reached_at(how.stride)) return true;
  if (how.stride < 32) return false;
  yaml_fail(node,
            fmt::format("{} has a box that is empty or larger than 30 cells of stride 32", key));
}

float logit(float share) { return std::clamp(std::log(share / (1 - share)), kNothing, -kNothing); }

KeyPoints read_points(const YAML::Node& node) {
  if (!node.IsSequence() || node.size() != 17) yaml_fail(node, "points are 17 of [x, y, seen]");
  KeyPoints points{};
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto point = node[i / 3];
    if (!point.IsSequence() || point.size() != 3) yaml_fail(point, "a point is [x, y, seen]");
    points[i] = static_cast<float>(to_number(point[i % 3], "a number of a point", 0, 1));
  }
  return points;
}

// In halves of a cell from its upper left corner, and a logit.
void draw_points(const KeyPoints& points, const RawHead& how, const Cell& cell,
                 std::span<float> out) {
  for (std::size_t i = 0; i < points.size(); i += 3) {
    out[i] = (points[i] * static_cast<float>(how.columns) - static_cast<float>(cell.column)) / 2;
    out[i + 1] = (points[i + 1] * static_cast<float>(how.rows) - static_cast<float>(cell.row)) / 2;
    out[i + 2] = logit(points[i + 2]);
  }
}

}  // namespace

std::shared_ptr<const RawHead> read_raw_head(const YAML::Node& node, const Shape& shape,
                                             const Shape& input) {
  auto how = head_of(node, shape, input, "dfl");
  const bool edges = how->channels == kBoxChannels;
  for (const Box& box : read_boxes(node, "dfl", edges ? kAnyLabel : how->channels)) {
    if (draws(*how, box, node, "dfl")) how->report.push_back(box);
  }
  return how;
}

std::shared_ptr<const RawHead> read_people(const YAML::Node& node, const Shape& shape,
                                           const Shape& input) {
  auto how = head_of(node, shape, input, "people");
  if (how->channels != kBoxChannels && how->channels != 1 && how->channels != kPointChannels) {
    yaml_fail(node, "people is for outputs of 64, 1 and 51 channels");
  }
  if (!node.IsSequence()) yaml_fail(node, "people must be a list of {box, points}");
  for (const auto& item : node) {
    YamlReader person(item, "a person");
    YAML::Node row = YAML::Clone(person.need("box"));
    row.push_back(0);  // the class
    YAML::Node rows;
    rows.push_back(row);
    const Box box = read_boxes(rows, "box", 1).front();
    const KeyPoints points = read_points(person.need("points"));
    person.finish();
    if (!draws(*how, box, node, "people")) continue;
    how->report.push_back(box);
    how->points.push_back(points);
  }
  return how;
}

void fill_raw_head(const RawHead& how, std::span<float> out) {
  const bool edges = how.channels == kBoxChannels;
  const bool points = how.channels == kPointChannels && !how.points.empty();
  std::ranges::fill(out, edges || points ? 0 : kNothing);
  for (std::size_t i = 0; i < how.report.size(); ++i) {
    const Box& box = how.report[i];
    const Cell cell = cell_of(box, how.rows, how.columns);
    const auto channels = static_cast<std::size_t>(how.channels);
    const auto at = static_cast<std::size_t>(cell.row * how.columns + cell.column) * channels;
    if (at + channels > out.size()) return;
    const auto values = out.subspan(at, channels);
    if (points) {
      draw_points(how.points[i], how, cell, values);
    } else if (edges) {
      for (std::size_t edge = 0; edge < 4; ++edge) {
        draw_edge(cell.distance[edge], values.subspan(edge * kBins, kBins));
      }
    } else {
      values[static_cast<std::size_t>(box.label)] = logit(box.score);
    }
  }
}

}  // namespace npu::device::sim
