// What a network for segmentation answers, for tests: a box whose mask is its left half, and less
// sure the same box with the right half.
#pragma once

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <npu/client_types.hpp>

namespace npu::segment {

inline Tensor tensor_of(Shape shape, const std::vector<float>& values) {
  Tensor tensor{DType::kFloat32, std::move(shape), {}};
  tensor.data.resize(values.size() * sizeof(float));
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

inline InferResult result_of(std::vector<std::pair<std::string, Tensor>> outputs) {
  InferResult result;
  boost::json::object layers;
  for (auto& [name, tensor] : outputs) {
    layers[name] = {{"dtype", name_of(tensor.dtype)},
                    {"shape", boost::json::array(tensor.shape.begin(), tensor.shape.end())},
                    {"tensor", static_cast<std::int64_t>(result.tensors.size())}};
    result.tensors.push_back(ClientTensor::own(std::move(tensor)));
  }
  result.value = std::move(layers);
  return result;
}

// Of an input of 64 x 64: rows with one coefficient, a cat of 0.9 and a dog of 0.8.
inline InferResult halves() {
  std::vector<float> plane;
  plane.reserve(16 * 16);
  for (int i = 0; i < 16 * 16; ++i) plane.push_back(i % 16 < 8 ? 8 : -8);
  return result_of({{"rows", tensor_of({2, 7}, {16, 16, 48, 48, 0.9F, 15, 1,  //
                                                16, 16, 48, 48, 0.8F, 16, -1})},
                    {"prototypes", tensor_of({1, 16, 16}, plane)}});
}

}  // namespace npu::segment
