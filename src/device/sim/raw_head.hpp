// What a detector without non-maximum suppression answers: the raw heads of YOLOv8, drawn so that
// known boxes come out.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include <npu/tensor.hpp>

#include "device/sim/boxes.hpp"

namespace npu::device::sim {

// One output (rows, columns, channels) of one stride: 64 channels are the bins of the boxes' edges,
// others the logits of the classes.
struct RawHead {
  int rows = 1;
  int columns = 1;
  int channels = 1;
  int stride = 8;
  std::vector<Box> report;  // in every picture; those that this stride has
};

// node: the boxes of all strides, as rows of `report`. shape: of the output; input: (height, width,
// ...). A box lies at the finest of the strides 8, 16 and 32 whose 15 bins reach its edges from the
// middle of the cell in which its own middle lies.
std::shared_ptr<const RawHead> read_raw_head(const YAML::Node& node, const Shape& shape,
                                             const Shape& input);

void fill_raw_head(const RawHead& how, std::span<float> out);

}  // namespace npu::device::sim
