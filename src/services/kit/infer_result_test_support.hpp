// What a network answers, for tests of who reads it.
#pragma once

#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include <npu/client_types.hpp>

namespace npu::kit {

inline Tensor tensor_of(Shape shape, const std::vector<float>& values,
                        DType dtype = DType::kFloat32) {
  Tensor tensor{dtype, std::move(shape), {}};
  tensor.data.resize(values.size() * sizeof(float));
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

inline boost::json::object tensor_json(const Tensor& tensor, std::int64_t number) {
  return {{"dtype", name_of(tensor.dtype)},
          {"shape", boost::json::array(tensor.shape.begin(), tensor.shape.end())},
          {"tensor", number}};
}

// Of one output.
inline InferResult result_of(Tensor output) {
  InferResult result;
  result.value = tensor_json(output, 0);
  result.tensors.push_back(ClientTensor::own(std::move(output)));
  return result;
}

// Of several.
inline InferResult result_of(std::vector<std::pair<std::string, Tensor>> outputs) {
  InferResult result;
  boost::json::object layers;
  for (auto& [name, tensor] : outputs) {
    layers[name] = tensor_json(tensor, std::ssize(result.tensors));
    result.tensors.push_back(ClientTensor::own(std::move(tensor)));
  }
  result.value = std::move(layers);
  return result;
}

}  // namespace npu::kit
