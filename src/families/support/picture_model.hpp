// A tensor model that takes one 8-bit picture and gives float32 tensors, or bytes beside them where
// that is allowed: what depth, pose, CLIP and OCR have in common.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "device/device.hpp"
#include "families/family.hpp"

namespace npu::families {

class PictureModel {
 public:
  enum class Batch { kOne, kAny };
  enum class Outputs { kFloats, kFloatsAndBytes };  // float32, also uint8
  // kUnsupported unless the model has one uint8 input of H,W,C (or batch,H,W,C), outputs and a
  // batch that are allowed. `what` names it in messages: "depth model".
  static Result<PictureModel> adopt(std::unique_ptr<device::TensorModel> model,
                                    std::string_view what, Batch batch = Batch::kOne,
                                    Outputs outputs = Outputs::kFloats);

  device::TensorModel& model() const { return *model_; }
  // H, W, C: without batch.
  const Shape& picture() const { return picture_; }
  // Frames of one run: 1 unless the model has a batch dimension.
  std::int64_t batch() const { return batch_; }
  // Shapes of one frame's outputs, without batch, in the model's order.
  const std::vector<Shape>& outputs() const { return outputs_; }

  // {"model_info": {name: [H, W, C]}} of picture(), for load replies.
  boost::json::object picture_info(std::string_view name) const;
  // The same as "input_shape", and what a client needs besides: "outputs" [{"name", "shape"}], and
  // where it is known "input" {"fit", "padding"}, "head" and "labels" (docs/reference/protocol.md).
  boost::json::object model_info() const;
  // What somebody said of the model; beside it counts what the device recognised.
  void describe(ModelDescription said);

  // Nothing: all pictures are as picture().
  const std::optional<device::FreePictures>& free() const { return model_->free_pictures(); }

  // The tensor under `value`, checked against picture() or free(); without a leading 1.
  Result<TensorView> take(const InferInput& input, const boost::json::value& value,
                          std::string_view name) const;
  // One frame: writes the outputs of the result straight into their places, which hold nothing
  // else, and forgets the others. For models with batch() == 1. Gives the tensors' JSON in the
  // order of outputs().
  enum class Results { kAll, kFirst };
  Result<std::vector<boost::json::object>> run(const TensorView& picture, InferOutput& output,
                                               device::RunContext& context,
                                               Results results = Results::kAll) const;

 private:
  PictureModel() = default;

  std::unique_ptr<device::TensorModel> model_;
  Shape picture_;
  std::int64_t batch_ = 1;
  std::vector<Shape> outputs_;
  ModelDescription description_;
};

}  // namespace npu::families
