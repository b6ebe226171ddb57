#include "families/clip/clip.hpp"

#include "families/clip/text_encoder.hpp"
#include "families/support/picture_model.hpp"
#include "json/fields.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

struct ClipParams {
  std::string image;
  std::string text;
  std::string text_input_layer;
  std::string text_output_layer;
  int text_batch = 1;
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
  result.text_batch = static_cast<int>(in.integer("text_batch", 1, kMaxTextBatch).value_or(1));
  if (!in.status()) return fail(in.status().error());
  return result;
}

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
    const auto* list = in.find("tensors");
    if (!image && list != nullptr && list->is_array()) {
      return text_.infer_all(list->get_array(), input, output, context);
    }
    const auto* value = in.find("tensor");
    if (value == nullptr)
      return fail(ErrorCode::kInvalidArgument, "tensor is required for clip inference");
    if (!image) return text_.infer(*value, input, output, context);
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
    LoadPlan plan{{{"image_hef_path", clip->image, "Image HEF not found: " + clip->image},
                   {"text_hef_path", clip->text, "Text HEF not found: " + clip->text}},
                  {{"text_input_layer", clip->text_input_layer},
                   {"text_output_layer", clip->text_output_layer}}};
    if (clip->text_batch > 1) plan.variant["text_batch"] = clip->text_batch;
    return plan;
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
    auto text = TextEncoder::load(
        device, request.files.at(1),
        {.input_layer = params->text_input_layer, .output_layer = params->text_output_layer},
        params->text_batch, context);
    if (!text) return fail(text.error());
    return std::make_unique<ClipModel>(std::move(*image), std::move(*text));
  }
};

}  // namespace

std::unique_ptr<Family> make_clip_family() { return std::make_unique<ClipFamily>(); }

}  // namespace npu::families
