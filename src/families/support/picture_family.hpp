// A family whose model is one file that PictureModel runs: depth, pose, and most of vision.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "families/family.hpp"
#include "families/support/picture_model.hpp"

namespace npu::families {

// Model is a FamilyModel made from a PictureModel. `what` names it in messages: "depth model".
template <class Model>
class PictureFamily final : public Family {
 public:
  explicit PictureFamily(std::string what,
                         PictureModel::Outputs outputs = PictureModel::Outputs::kFloats)
      : what_(std::move(what)), outputs_(outputs) {}

  Result<LoadPlan> plan(const std::string& path, const boost::json::object&) const override {
    return LoadPlan{{{"model", path, "Model HEF not found: " + path}}};
  }

  Result<std::unique_ptr<FamilyModel>> load(device::Device& device, const LoadRequest& request,
                                            device::RunContext& context) const override {
    device::TensorOptions options;
    options.picture = request.said_of(0);
    auto tensor_model = device.load_tensor(request.files.at(0), options, context);
    if (!tensor_model) return fail(tensor_model.error());
    auto model =
        PictureModel::adopt(std::move(*tensor_model), what_, PictureModel::Batch::kOne, outputs_);
    if (!model) return fail(model.error());
    model->describe(request.said_of(0));
    return std::make_unique<Model>(std::move(*model));
  }

 private:
  std::string what_;
  PictureModel::Outputs outputs_;
};

}  // namespace npu::families
