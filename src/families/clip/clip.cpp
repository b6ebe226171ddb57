#include "families/clip/clip.hpp"

#include <fmt/format.h>

#include "families/support/picture_model.hpp"
#include "families/support/tensor_check.hpp"
#include "json/fields.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

struct ClipParams {
  std::string image;
  std::string text;
  std::string text_input_layer;
  std::string text_output_layer;
};

Result<ClipParams> parse_params(const json::object& params) {
  struct Field {
    const char* name;
    std::string ClipParams::* member;
    const char* missing;
  };
  constexpr const char* kNoPaths = "image_hef_path and text_hef_path are required for clip";
  constexpr const char* kNoLayers = "text_input_layer and text_output_layer are required for clip";
  constexpr Field kFields[] = {
      {"image_hef_path", &ClipParams::image, kNoPaths},
      {"text_hef_path", &ClipParams::text, kNoPaths},
      {"text_input_layer", &ClipParams::text_input_layer, kNoLayers},
      {"text_output_layer", &ClipParams::text_output_layer, kNoLayers},
  };
  npu::json::Fields in(params);
  ClipParams result;
  for (const auto& field : kFields) {
    const auto value = in.text(field.name).value_or("");
    if (!in.status()) return fail(in.status().error());
    if (value.empty()) return fail(ErrorCode::kInvalidArgument, field.missing);
    result.*field.member = value;
  }
  return result;
}

// The text encoder: one float32 tensor to another.
class TextEncoder {
 public:
  static Result<TextEncoder> adopt(std::unique_ptr<device::TensorModel> model) {
    const auto& in = model->inputs();
    const auto& out = model->outputs();
    if (in.size() == 1 && out.size() == 1 && in[0].dtype == DType::kFloat32 &&
        out[0].dtype == DType::kFloat32) {
      return TextEncoder(std::move(model));
    }
    return fail(ErrorCode::kUnsupported,
                fmt::format("a clip text encoder takes one float32 tensor and gives one; this file "
                            "takes {} and gives {}, the first are {} and {}",
                            in.size(), out.size(), name_of(in[0].dtype), name_of(out[0].dtype)));
  }

  json::object info() const {
    return {{"input_shape", shape_json(model_->inputs()[0].shape)},
            {"output_shape", shape_json(model_->outputs()[0].shape)}};
  }

  Result<json::value> infer(const TensorView& tensor, InferOutput& output,
                            device::RunContext& context) const {
    const auto& in = model_->inputs()[0];
    const auto& out = model_->outputs()[0];
    if (auto ok = check_tensor("tensor", in.dtype, in.shape, tensor); !ok) return fail(ok.error());
    auto place = output.allocate(out.dtype, out.shape);
    if (!place) return fail(place.error());
    const TensorView from = as_spec(tensor, in);
    if (auto ok = model_->run(std::span(&from, 1), std::span(&place->view, 1), context); !ok) {
      return fail(ok.error());
    }
    return json::value(std::move(place->tensor));
  }

 private:
  explicit TextEncoder(std::unique_ptr<device::TensorModel> model) : model_(std::move(model)) {}

  static json::array shape_json(const Shape& shape) {
    const Shape plain = without_leading_one(shape);
    return json::array(plain.begin(), plain.end());
  }

  std::unique_ptr<device::TensorModel> model_;
};

class ClipModel final : public FamilyModel {
 public:
  ClipModel(PictureModel image, TextEncoder text)
      : image_(std::move(image)), text_(std::move(text)) {}

  json::object load_info() const override {
    json::object result = image_.model_info();
    result["model_info"].get_object()["text"] = text_.info();
    return result;
  }

  Result<json::value> infer(const InferInput& input, InferOutput& output,
                            device::RunContext& context) override {
    const npu::json::Fields in(input.fields());
    const auto* mode = in.find("mode");
    const bool image = mode != nullptr && *mode == "image";
    if (!image && (mode == nullptr || *mode != "text")) {
      return fail(ErrorCode::kInvalidArgument, "clip mode must be 'image' or 'text'");
    }
    const auto* value = in.find("tensor");
    if (value == nullptr)
      return fail(ErrorCode::kInvalidArgument, "tensor is required for clip inference");
    if (!image) {
      const auto tensor = input.tensor(*value);
      if (!tensor) return fail(tensor.error());
      return text_.infer(*tensor, output, context);
    }
    const auto picture = image_.take(input, *value, "tensor");
    if (!picture) return fail(picture.error());
    auto tensors = image_.run(*picture, output, context, PictureModel::Results::kFirst);
    if (!tensors) return fail(tensors.error());
    return json::value(std::move(tensors->front()));
  }

 private:
  PictureModel image_;
  TextEncoder text_;
};

class ClipFamily final : public Family {
 public:
  Result<LoadPlan> plan(const std::string&, const json::object& params) const override {
    const auto clip = parse_params(params);
    if (!clip) return fail(clip.error());
    return LoadPlan{{{"image_hef_path", clip->image, "Image HEF not found: " + clip->image},
                     {"text_hef_path", clip->text, "Text HEF not found: " + clip->text}},
                    {{"text_input_layer", clip->text_input_layer},
                     {"text_output_layer", clip->text_output_layer}}};
  }

  Result<std::unique_ptr<FamilyModel>> load(device::Device& device, const LoadRequest& request,
                                            device::RunContext& context) const override {
    const auto params = parse_params(request.params);
    if (!params) return fail(params.error());
    device::TensorOptions as_picture;
    as_picture.picture = request.said_of(0);
    auto image_model = device.load_tensor(request.files.at(0), as_picture, context);
    if (!image_model) return fail(image_model.error());
    auto image = PictureModel::adopt(std::move(*image_model), "clip image encoder");
    if (!image) return fail(image.error());
    image->describe(request.said_of(0));
    auto text_model = device.load_tensor(
        request.files.at(1),
        {.input_layer = params->text_input_layer, .output_layer = params->text_output_layer},
        context);
    if (!text_model) return fail(text_model.error());
    auto text = TextEncoder::adopt(std::move(*text_model));
    if (!text) return fail(text.error());
    return std::make_unique<ClipModel>(std::move(*image), std::move(*text));
  }
};

}  // namespace

std::unique_ptr<Family> make_clip_family() { return std::make_unique<ClipFamily>(); }

}  // namespace npu::families
