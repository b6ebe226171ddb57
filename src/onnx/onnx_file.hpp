// What an ONNX file says of itself, read without ONNX Runtime: for hailoctl, which does not link
// it, and for explaining what the runtime refuses.
//
// Reads the top-level graph only; what its nodes have inside does not count. Copies names, shapes
// and metadata, no weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <npu/result.hpp>
#include <npu/tensor.hpp>

namespace npu::onnx {

inline constexpr std::int64_t kFreeSide = -1;

struct GraphTensor {
  std::string name;
  std::int64_t type = 0;       // TensorProto.DataType, 0: none
  std::optional<DType> dtype;  // nothing where tensors here have no such type
  bool shaped = false;         // the file says how many dimensions it has
  Shape shape;                 // kFreeSide for a free dimension
  // The step between the values of a quantised output, where one constant serves all of it.
  std::optional<float> step;
};

struct OnnxFile {
  std::int64_t ir_version = 0;
  std::int64_t opset = 0;  // of the standard operators; 0: none
  std::string producer;
  std::vector<GraphTensor> inputs;  // without those that have weights
  std::vector<GraphTensor> outputs;
  std::vector<std::pair<std::string, std::string>> metadata;
  // Integer convolutions and products whose weights are int8.
  std::size_t int8_products = 0;

  // Its value, or "".
  std::string_view meta(std::string_view key) const;
};

// kMalformed where the encoding is broken, or it has over 1024 inputs, outputs or metadata.
Result<OnnxFile> read_onnx_file(std::span<const std::byte> file);

// "float32 (1, 3, 640, 640)"; a free dimension is "?".
std::string describe(const GraphTensor& tensor);

// Why a file that is none is none, where that can be told: Git LFS's placeholder, a web page, a
// HEF, nothing at all. Nothing for what may be an ONNX file.
std::optional<std::string> not_onnx_because(std::span<const std::byte> file);

}  // namespace npu::onnx
