// One ONNX session as a TensorModel.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <onnxruntime_cxx_api.h>

#include "device/device.hpp"

namespace npu::device {

class OnnxModel final : public TensorModel {
 public:
  // Reads names, types and shapes. A free first dimension becomes options.batch, that of an output
  // only where an input has one too; any other free dimension, and an output without a shape, is
  // kUnsupported. options.output_layer picks one of several outputs by its name; a name that the
  // file does not have is ignored where there is no choice.
  static Result<std::unique_ptr<TensorModel>> create(Ort::Session session,
                                                     const TensorOptions& options);

  const std::vector<TensorSpec>& inputs() const override { return inputs_; }
  const std::vector<TensorSpec>& outputs() const override { return outputs_; }
  Status run(std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs,
             RunContext& context) override;

 private:
  OnnxModel(Ort::Session session, std::vector<TensorSpec> inputs, std::vector<TensorSpec> outputs);

  Ort::Session session_;
  Ort::MemoryInfo memory_;
  std::vector<TensorSpec> inputs_;
  std::vector<TensorSpec> outputs_;
  std::vector<const char*> input_names_;
  std::vector<const char*> output_names_;
};

}  // namespace npu::device
