// What a detector without non-maximum suppression answers: the raw heads of YOLOv8, drawn so that
// known boxes come out; and those of YOLOv8-pose, out of which known people come.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include <npu/tensor.hpp>

#include "device/sim/boxes.hpp"

namespace npu::device::sim {

// x, y (0..1 of the network's input) and how well it is seen (0..1), 17 times.
using KeyPoints = std::array<float, 51>;

// One output (rows, columns, channels) of one stride: 64 channels are the bins of the boxes' edges,
// others the logits of the classes; of people 1 channel is the logit, and 51 are their key points.
struct RawHead {
  int rows = 1;
  int columns = 1;
  int channels = 1;
  int stride = 8;
  std::vector<Box> report;        // in every picture; those that this stride has
  std::vector<KeyPoints> points;  // of people: of each box
};

// node: the boxes of all strides, as rows of `report`. shape: of the output; input: (height, width,
// ...). A box lies at the finest of the strides 8, 16 and 32 whose 15 bins reach its edges from the
// middle of the cell in which its own middle lies.
std::shared_ptr<const RawHead> read_raw_head(const YAML::Node& node, const Shape& shape,
                                             const Shape& input);

// node: the people of all strides, {box: [x_min, y_min, x_max, y_max, score], points: [[x, y, seen]
// of 17]}; otherwise as above. shape: of 64, 1 or 51 channels.
std::shared_ptr<const RawHead> read_people(const YAML::Node& node, const Shape& shape,
                                           const Shape& input);

void fill_raw_head(const RawHead& how, std::span<float> out);

}  // namespace npu::device::sim
