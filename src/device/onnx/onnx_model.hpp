// One ONNX session as a TensorModel.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <onnxruntime_cxx_api.h>

#include "device/device.hpp"
#include "device/onnx/memory_limit.hpp"
#include "device/onnx/run_timer.hpp"

namespace npu::device {

// What a model may take of the process. All of it outlives the model.
struct ModelLimits {
  const MemoryLimit& memory;
  RunTimer& timer;
  std::uint64_t bytes = 0;  // of memory, each call
};

class OnnxModel final : public TensorModel {
 public:
  // Reads names, types and shapes. A free first dimension becomes options.batch, that of an output
  // only where an input has one too; any other free dimension, and an output without a shape, is
  // kUnsupported. options.output_layer picks one of several outputs by its name; a name that the
  // file does not have is ignored where there is no choice.
  static Result<std::unique_ptr<TensorModel>> create(Ort::Session session,
                                                     const TensorOptions& options,
                                                     const ModelLimits& limits);

  const std::vector<TensorSpec>& inputs() const override { return inputs_; }
  const std::vector<TensorSpec>& outputs() const override { return outputs_; }
  // kDeadlineExceeded and kUnsupported where it takes more time or memory than it may.
  Status run(std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs,
             RunContext& context) override;

 private:
  OnnxModel(Ort::Session session, const ModelLimits& limits, std::vector<TensorSpec> inputs,
            std::vector<TensorSpec> outputs);

  ModelLimits limits_;
  Ort::Session session_;
  Ort::MemoryInfo memory_;
  std::vector<TensorSpec> inputs_;
  std::vector<TensorSpec> outputs_;
  std::vector<const char*> input_names_;
  std::vector<const char*> output_names_;
};

}  // namespace npu::device
