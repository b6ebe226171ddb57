// One ONNX session as a TensorModel.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <onnxruntime_cxx_api.h>

#include "device/device.hpp"
#include "device/onnx/memory_limit.hpp"
#include "device/onnx/run_timer.hpp"
#include "onnx/picture_input.hpp"

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
  //
  // With options.picture and a step in it, sides that the file leaves free may be chosen for each
  // run_free(), which takes up to options.batch at once where it leaves the batch free.
  //
  // With options.picture the only input is a picture, whatever the graph takes, free sides are
  // those of the description, outputs of float16 come as float32, and where shapes of outputs are
  // not known, the model is run once on a black picture to see them. name: of the file, for
  // messages.
  static Result<std::unique_ptr<TensorModel>> create(Ort::Session session,
                                                     const TensorOptions& options,
                                                     const ModelLimits& limits,
                                                     std::string_view name);

  const std::vector<TensorSpec>& inputs() const override { return inputs_; }
  const std::vector<TensorSpec>& outputs() const override { return outputs_; }
  const ModelDescription& description() const override { return description_; }
  // kDeadlineExceeded and kUnsupported where it takes more time or memory than it may.
  Status run(std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs,
             RunContext& context) override;
  const std::optional<FreePictures>& free_pictures() const override { return free_; }
  Result<std::vector<Tensor>> run_free(const TensorView& pictures, RunContext& context) override;

 private:
  OnnxModel(Ort::Session session, const ModelLimits& limits);

  Status read_inputs(const TensorOptions& options, std::string_view name);
  Status read_outputs(const TensorOptions& options);
  Result<std::vector<Shape>> shapes_of_a_run();
  void note_free_pictures(const TensorOptions& options);
  Status run_session(const std::vector<Ort::Value>& from, std::vector<Ort::Value>& to);
  std::vector<Ort::Value> values_of(std::span<const TensorView> inputs);

  ModelLimits limits_;
  Ort::Session session_;
  Ort::MemoryInfo memory_;
  ModelDescription description_;
  bool any_batch_ = false;  // an input's first dimension was free
  std::optional<onnx::PictureInput> picture_;
  std::optional<FreePictures> free_;
  std::vector<std::byte> converted_;  // the picture as the graph takes it
  std::vector<TensorSpec> inputs_;
  std::vector<TensorSpec> outputs_;
  std::vector<TensorSpec> graph_outputs_;       // as the runtime gives them
  std::vector<std::vector<std::byte>> halves_;  // of outputs that come as float16
  std::vector<const char*> input_names_;
  std::vector<const char*> output_names_;
};

}  // namespace npu::device
