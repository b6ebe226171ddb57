// What networks that read text answer: a map of where it is, and the classes of its characters.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include <npu/tensor.hpp>
#include <yaml-cpp/yaml.h>

namespace npu::device::sim {

// One output, the same for every picture and every frame of a batch.
struct Reading {
  int rows = 1;
  int columns = 1;
  std::vector<std::array<float, 4>> boxes;  // of a map: x_min, y_min, x_max, y_max, 0..1
  std::vector<int> classes;                 // of scores: the likeliest one of each row
};

// node: a list of boxes. shape: (rows, columns) but for dimensions of 1.
std::shared_ptr<const Reading> read_text_map(const YAML::Node& node, const Shape& shape);
// node: a list of classes, at most one for each row; those of further rows are 0.
std::shared_ptr<const Reading> read_ctc(const YAML::Node& node, const Shape& shape);

// 0.9 within the boxes, and for the classes; 0 elsewhere.
void fill_reading(const Reading& how, std::span<float> out);

}  // namespace npu::device::sim
