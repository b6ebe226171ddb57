// What a detector reports after non-maximum suppression: boxes, and with them masks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <npu/tensor.hpp>

namespace YAML {
class Node;
}

namespace npu::device::sim {

struct Box {
  float x_min = 0;  // 0..1 of the network's input
  float y_min = 0;
  float x_max = 0;
  float y_max = 0;
  float score = 0;
  int label = 0;
};

// A list of [x_min, y_min, x_max, y_max, score, class]. key: names it in messages.
std::vector<Box> read_boxes(const YAML::Node& node, std::string_view key, int classes);

struct Suppression {
  enum class Order { kByClass, kByScore, kByteMask };
  Order order = Order::kByClass;
  int classes = 1;
  int boxes = 1;               // kByClass: of each class; else of all together
  std::size_t mask_bytes = 0;  // kByteMask: room for all masks of a picture
  int width = 0;               // of the network's input
  int height = 0;
  std::vector<Box> report;  // in every picture; best score first

  std::int64_t rows() const {
    return order == Order::kByClass ? std::int64_t{classes} * boxes : boxes;
  }
};

// A box's mask is as large as the box in pixels of the network's input.
std::size_t mask_size(const Suppression& how, const Box& box);

// Throws YamlError.
Suppression read_suppression(const YAML::Node& node);

// The outputs of a device: float32 rows x_min, y_min, x_max, y_max, score, class, the rest zeros
// with class -1; and bytes, the masks of the rows one after the other.
std::vector<TensorSpec> suppression_outputs(const Suppression& how, const std::string& name);
void fill_boxes(const Suppression& how, std::span<float> out);
void fill_masks(const Suppression& how, std::span<std::byte> out);

}  // namespace npu::device::sim
