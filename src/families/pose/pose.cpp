#include "families/pose/pose.hpp"

#include "families/support/picture_family.hpp"
#include "json/fields.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

class PoseModel final : public FamilyModel {
 public:
  explicit PoseModel(PictureModel model) : model_(std::move(model)) {}

  json::object load_info() const override { return model_.picture_info("input_shape"); }

  Result<json::value> infer(const InferInput& input, InferOutput& output,
                            device::RunContext& context) override {
    const auto* value = npu::json::Fields(input.fields()).find("input");
    if (value == nullptr) {
      return fail(ErrorCode::kInvalidArgument, "input is required for pose inference");
    }
    const auto picture = model_.take(input, *value, "input");
    if (!picture) return fail(picture.error());
    auto tensors = model_.run(*picture, output, context);
    if (!tensors) return fail(tensors.error());
    if (tensors->size() == 1) return json::value(std::move(tensors->front()));
    json::object result;
    const auto& specs = model_.model().outputs();
    for (std::size_t i = 0; i < specs.size(); ++i) result[specs[i].name] = std::move((*tensors)[i]);
    return json::value(std::move(result));
  }

 private:
  PictureModel model_;
};

}  // namespace

std::unique_ptr<Family> make_pose_family() {
  return std::make_unique<PictureFamily<PoseModel>>("pose model");
}

}  // namespace npu::families
