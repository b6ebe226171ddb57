#include "families/depth/depth.hpp"

#include "families/support/picture_family.hpp"
#include "families/support/tensor_check.hpp"
#include "json/fields.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

// (C, H, W) to (H, W, C).
std::vector<std::byte> interleave(std::span<const std::byte> planes, std::size_t channels) {
  std::vector<std::byte> pixels(planes.size());
  const std::size_t plane = planes.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < plane; ++i) pixels[i * channels + c] = planes[c * plane + i];
  }
  return pixels;
}

class DepthModel final : public FamilyModel {
 public:
  explicit DepthModel(PictureModel model) : model_(std::move(model)) {}

  json::object load_info() const override { return model_.model_info(); }

  Result<json::value> infer(const InferInput& input, InferOutput& output,
                            device::RunContext& context) override {
    const auto* value = npu::json::Fields(input.fields()).find("input");
    if (value == nullptr) {
      return fail(ErrorCode::kInvalidArgument, "input is required for depth inference");
    }
    auto view = input.tensor(*value);
    if (!view) return fail(view.error());
    std::vector<std::byte> transposed;
    if (is_planar(*view)) {
      transposed = interleave(view->data, static_cast<std::size_t>(model_.picture()[2]));
      view->data = transposed;
    } else if (auto ok = check_tensor("input", DType::kUint8, model_.picture(), *view); !ok) {
      return fail(ok.error());
    }
    auto tensors = model_.run(*view, output, context, PictureModel::Results::kFirst);
    if (!tensors) return fail(tensors.error());
    return json::value(std::move(tensors->front()));
  }

 private:
  // True for channels first where that is not also a right picture as it is.
  bool is_planar(const TensorView& view) const {
    const Shape& hwc = model_.picture();
    const Shape planar{hwc[2], hwc[0], hwc[1]};
    return view.dtype == DType::kUint8 && !same_but_for_leading_one(hwc, view.shape) &&
           same_but_for_leading_one(planar, view.shape);
  }

  PictureModel model_;
};

}  // namespace

std::unique_ptr<Family> make_depth_family() {
  return std::make_unique<PictureFamily<DepthModel>>("depth model");
}

}  // namespace npu::families
