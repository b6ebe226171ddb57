// A model whose outputs are the answer, as they are; what they mean is the client's business.
//
//   model_params   none
//   load reply     PictureModel::model_info()
//   input          uint8 (H, W, C)
//   result         one output: a float32 tensor; several: {layer name: float32 tensor}, or uint8
//                  where the family allows it; without batch
#pragma once

#include <string_view>
#include <utility>

#include "families/family.hpp"
#include "families/support/picture_model.hpp"

namespace npu::families {

class RawOutputsModel : public FamilyModel {
 public:
  // task: names it in messages, "pose"; must outlive it.
  RawOutputsModel(std::string_view task, PictureModel model)
      : task_(task), model_(std::move(model)) {}

  boost::json::object load_info() const override { return model_.model_info(); }
  Result<boost::json::value> infer(const InferInput& input, InferOutput& output,
                                   device::RunContext& context) override;

 private:
  std::string_view task_;
  PictureModel model_;
};

}  // namespace npu::families
