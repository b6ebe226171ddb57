#include "families/support/picture_model.hpp"

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "description/description_json.hpp"
#include "families/support/tensor_check.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

constexpr std::size_t kPictureRank = 3;

std::string side_text(bool any, std::int64_t side) { return any ? "any" : std::to_string(side); }

Status check_free(std::string_view name, const Shape& picture, const device::FreePictures& free,
                  const TensorView& got) {
  const auto fits = [&](std::size_t at, bool any) {
    const std::int64_t side = got.shape[at];
    return any ? side > 0 && side <= free.max_side && side % free.step == 0 : side == picture[at];
  };
  if (got.dtype == DType::kUint8 && got.shape.size() == kPictureRank && fits(0, free.height) &&
      fits(1, free.width) && fits(2, false)) {
    return {};
  }
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("{} must be uint8 ({}, {}, {}) with free sides that are multiples of {} up to "
                  "{}, got {} {}",
                  name, side_text(free.height, picture[0]), side_text(free.width, picture[1]),
                  picture[2], free.step, free.max_side, name_of(got.dtype), to_string(got.shape)));
}

}  // namespace

Result<PictureModel> PictureModel::adopt(std::unique_ptr<device::TensorModel> model,
                                         std::string_view what, Batch batch, Outputs outputs) {
  const auto& inputs = model->inputs();
  if (inputs.size() != 1 || inputs[0].dtype != DType::kUint8 ||
      inputs[0].shape.size() < kPictureRank || inputs[0].shape.size() > kPictureRank + 1) {
    return fail(
        ErrorCode::kUnsupported,
        fmt::format("a {} takes one uint8 picture (H, W, C); this file takes {} inputs, the "
                    "first is {} {}",
                    what, inputs.size(), name_of(inputs[0].dtype), to_string(inputs[0].shape)));
  }
  PictureModel result;
  const Shape& shape = inputs[0].shape;
  const bool batched = shape.size() > kPictureRank;
  result.batch_ = batched ? shape[0] : 1;
  result.picture_ = Shape(shape.begin() + (batched ? 1 : 0), shape.end());
  if (batch == Batch::kOne && result.batch_ != 1) {
    return fail(
        ErrorCode::kUnsupported,
        fmt::format("a {} takes one picture at a time; this file takes {}", what, result.batch_));
  }
  for (const auto& spec : model->outputs()) {
    const bool bytes = outputs == Outputs::kFloatsAndBytes && spec.dtype == DType::kUint8;
    if (spec.dtype != DType::kFloat32 && !bytes) {
      return fail(ErrorCode::kUnsupported,
                  fmt::format("a {} gives float32 tensors; output '{}' is {}", what, spec.name,
                              name_of(spec.dtype)));
    }
    if (batched && (spec.shape.empty() || spec.shape[0] != result.batch_)) {
      return fail(ErrorCode::kUnsupported,
                  fmt::format("output '{}' {} of the {} does not begin with the batch of {}",
                              spec.name, to_string(spec.shape), what, result.batch_));
    }
    result.outputs_.emplace_back(spec.shape.begin() + (batched ? 1 : 0), spec.shape.end());
  }
  result.model_ = std::move(model);
  return result;
}

json::object PictureModel::picture_info(std::string_view name) const {
  json::object info;
  info[name] = json::array(picture_.begin(), picture_.end());
  json::object result;
  result["model_info"] = std::move(info);
  return result;
}

void PictureModel::describe(ModelDescription said) {
  description_ = std::move(said);
  description_.complete_from(model_->description());
}

json::object PictureModel::model_info() const {
  json::object result = picture_info("input_shape");
  json::object& info = result["model_info"].get_object();
  json::array outputs;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    json::object output;
    output["name"] = valid_utf8(model_->outputs()[i].name);
    output["shape"] = json::array(outputs_[i].begin(), outputs_[i].end());
    const DType dtype = model_->outputs()[i].dtype;
    if (dtype != DType::kFloat32) output["dtype"] = name_of(dtype);
    outputs.push_back(std::move(output));
  }
  info["outputs"] = std::move(outputs);
  json::object input;
  if (const auto fit = description_.input.fit) {
    input["fit"] = kPictureFitNames.at(static_cast<std::size_t>(*fit));
  }
  if (description_.input.padding) input["padding"] = *description_.input.padding;
  if (!input.empty()) info["input"] = std::move(input);
  if (!description_.head.empty()) info["head"] = description_.head;
  if (auto labels = labels_json(description_); !labels.is_null()) {
    info["labels"] = std::move(labels);
  }
  return result;
}

Result<TensorView> PictureModel::take(const InferInput& input, const json::value& value,
                                      std::string_view name) const {
  auto view = input.tensor(value);
  if (!view) return view;
  if (free()) {
    if (view->shape.size() > kPictureRank) view->shape = without_leading_one(view->shape);
    if (auto ok = check_free(name, picture_, *free(), *view); !ok) return fail(ok.error());
    return view;
  }
  if (auto ok = check_tensor(name, DType::kUint8, picture_, *view); !ok) return fail(ok.error());
  view->shape = picture_;
  return view;
}

Result<std::vector<json::object>> PictureModel::run(const TensorView& picture, InferOutput& output,
                                                    device::RunContext& context,
                                                    Results results) const {
  std::vector<json::object> tensors;
  std::vector<device::MutableTensorView> places;
  std::vector<std::vector<std::byte>> forgotten;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const auto& spec = model_->outputs()[i];
    if (results == Results::kFirst && i > 0) {
      const auto bytes = byte_size(spec.dtype, outputs_[i]);
      if (!bytes) return fail(bytes.error());
      places.push_back({spec.dtype, spec.shape, forgotten.emplace_back(*bytes)});
      continue;
    }
    auto place = output.allocate(spec.dtype, outputs_[i]);
    if (!place) return fail(place.error());
    tensors.push_back(std::move(place->tensor));
    places.push_back(as_spec(place->view, spec));
  }
  const TensorView input = as_spec(picture, model_->inputs()[0]);
  if (auto ok = model_->run(std::span(&input, 1), places, context); !ok) return fail(ok.error());
  return tensors;
}

}  // namespace npu::families
