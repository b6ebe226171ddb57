#include "device/sim/boxes.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "device/sim/yaml_reader.hpp"

namespace npu::device::sim {
namespace {

constexpr std::size_t kRow = 6;
constexpr double kMaxBoxes = 1e5;

Suppression::Order read_order(const YAML::Node& node) {
  const std::string name = to_text(node, "order");
  if (name == "by_class") return Suppression::Order::kByClass;
  if (name == "by_score") return Suppression::Order::kByScore;
  if (name == "byte_mask") return Suppression::Order::kByteMask;
  yaml_fail(node, "order must be by_class, by_score or byte_mask");
}

Box read_box(const YAML::Node& node, int classes) {
  if (!node.IsSequence() || node.size() != kRow) {
    yaml_fail(node, "a box is [x_min, y_min, x_max, y_max, score, class]");
  }
  const auto share = [&](int i) {
    return static_cast<float>(to_number(node[i], "a number of a box", 0, 1));
  };
  return {share(0), share(1), share(2),
          share(3), share(4), static_cast<int>(to_number(node[5], "class", 0, classes - 1))};
}

}  // namespace

std::size_t mask_size(const Suppression& how, const Box& box) {
  const auto width = std::ceil((box.x_max - box.x_min) * static_cast<float>(how.width));
  const auto height = std::ceil((box.y_max - box.y_min) * static_cast<float>(how.height));
  return static_cast<std::size_t>(std::max(0.F, width) * std::max(0.F, height));
}

std::vector<Box> read_boxes(const YAML::Node& node, std::string_view key, int classes) {
  if (!node.IsSequence()) yaml_fail(node, fmt::format("{} must be a list of boxes", key));
  std::vector<Box> boxes;
  boxes.reserve(node.size());
  for (const auto& box : node) boxes.push_back(read_box(box, classes));
  return boxes;
}

Suppression read_suppression(const YAML::Node& node) {
  YamlReader reader(node, "nms");
  Suppression how;
  how.order = read_order(reader.need("order"));
  how.classes = static_cast<int>(reader.number("classes", 1, 1, kMaxBoxes));
  how.boxes = static_cast<int>(reader.number("boxes", 1, 1, kMaxBoxes));
  how.mask_bytes = static_cast<std::size_t>(reader.number("mask_bytes", 0, 0, 1e9));
  if (const auto report = reader.get("report"); report.IsDefined()) {
    how.report = read_boxes(report, "report", how.classes);
  }
  reader.finish();
  std::ranges::stable_sort(how.report, std::ranges::greater{}, &Box::score);
  return how;
}

std::vector<TensorSpec> suppression_outputs(const Suppression& how, const std::string& name) {
  std::vector<TensorSpec> outputs;
  outputs.push_back(
      {.name = name, .dtype = DType::kFloat32, .shape = {how.rows(), std::int64_t{kRow}}});
  if (how.order == Suppression::Order::kByteMask) {
    outputs.push_back({.name = name + "/masks",
                       .dtype = DType::kUint8,
                       .shape = {static_cast<std::int64_t>(how.mask_bytes)}});
  }
  return outputs;
}

void fill_boxes(const Suppression& how, std::span<float> out) {
  auto box = how.report.begin();
  for (; out.size() >= kRow; out = out.subspan(kRow)) {
    if (box == how.report.end()) {
      std::ranges::fill(out.first(kRow - 1), 0.F);
      out[kRow - 1] = -1;
      continue;
    }
    const float row[kRow] = {box->x_min, box->y_min, box->x_max,
                             box->y_max, box->score, static_cast<float>(box->label)};
    std::ranges::copy(row, out.begin());
    ++box;
  }
}

void fill_masks(const Suppression& how, std::span<std::byte> out) {
  std::size_t used = 0;
  for (const auto& box : how.report) used += mask_size(how, box);
  used = std::min(used, out.size());
  std::ranges::fill(out.first(used), std::byte{1});
  std::ranges::fill(out.subspan(used), std::byte{0});
}

}  // namespace npu::device::sim
