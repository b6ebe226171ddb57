#include "families/clip/text_encoder.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/log.hpp"
#include "families/support/tensor_check.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxTexts = 256;  // of one request

bool is_encoder(const device::TensorModel& model) {
  const auto& in = model.inputs();
  const auto& out = model.outputs();
  return in.size() == 1 && out.size() == 1 && in[0].dtype == DType::kFloat32 &&
         out[0].dtype == DType::kFloat32;
}

std::size_t bytes_of(const TensorSpec& spec) { return byte_size(spec.dtype, spec.shape).value(); }

bool is_batch_of(const TensorSpec& many, const TensorSpec& one, int batch) {
  return many.shape.front() == batch &&
         bytes_of(many) == bytes_of(one) * static_cast<std::size_t>(batch);
}

json::array shape_json(const Shape& shape) {
  const Shape plain = without_leading_one(shape);
  return json::array(plain.begin(), plain.end());
}

// Nothing where there is none for so many texts; an error where the device is of no more use.
Result<std::unique_ptr<device::TensorModel>> load_batch(device::Device& device,
                                                        const device::ModelFile& file,
                                                        device::TensorOptions options, int batch,
                                                        const device::TensorModel& one,
                                                        device::RunContext& context) {
  options.batch = batch;
  auto many = device.load_tensor(file, options, context);
  if (!many) {
    const ErrorCode code = many.error().code;
    if (code == ErrorCode::kDeviceLost || code == ErrorCode::kCancelled) return many;
    log::info("no batch of {} texts: {}", batch, many.error().message);
    return nullptr;
  }
  const bool fits = is_encoder(**many) &&
                    is_batch_of((*many)->inputs()[0], one.inputs()[0], batch) &&
                    is_batch_of((*many)->outputs()[0], one.outputs()[0], batch);
  if (!fits) return nullptr;
  return many;
}

}  // namespace

Result<TextEncoder> TextEncoder::load(device::Device& device, const device::ModelFile& file,
                                      const device::TensorOptions& options, int batch,
                                      device::RunContext& context) {
  auto one = device.load_tensor(file, options, context);
  if (!one) return fail(one.error());
  if (!is_encoder(**one)) {
    const auto& in = (*one)->inputs();
    const auto& out = (*one)->outputs();
    return fail(ErrorCode::kUnsupported,
                fmt::format("a clip text encoder takes one float32 tensor and gives one; this file "
                            "takes {} and gives {}, the first are {} and {}",
                            in.size(), out.size(), name_of(in[0].dtype), name_of(out[0].dtype)));
  }
  std::unique_ptr<device::TensorModel> many;
  if (batch > 1) {
    auto loaded = load_batch(device, file, options, batch, **one, context);
    if (!loaded) return fail(loaded.error());
    many = std::move(*loaded);
  }
  return TextEncoder(std::move(*one), std::move(many));
}

TextEncoder::TextEncoder(std::unique_ptr<device::TensorModel> one,
                         std::unique_ptr<device::TensorModel> many)
    : one_(std::move(one)), many_(std::move(many)) {
  if (many_) batch_ = static_cast<std::size_t>(many_->inputs()[0].shape.front());
}

json::object TextEncoder::info() const {
  return {{"input_shape", shape_json(in().shape)},
          {"output_shape", shape_json(out().shape)},
          {"batch", batch_}};
}

Result<TensorView> TextEncoder::take(const json::value& tensor, std::string_view name,
                                     const InferInput& input) const {
  auto view = input.tensor(tensor);
  if (!view) return view;
  if (auto ok = check_tensor(name, in().dtype, in().shape, *view); !ok) return fail(ok.error());
  return view;
}

Result<json::value> TextEncoder::infer(const json::value& tensor, const InferInput& input,
                                       InferOutput& output, device::RunContext& context) const {
  const auto text = take(tensor, "tensor", input);
  if (!text) return fail(text.error());
  auto place = output.allocate(out().dtype, out().shape);
  if (!place) return fail(place.error());
  if (auto ok = run_one(*text, place->view.data, context); !ok) return fail(ok.error());
  return json::value(std::move(place->tensor));
}

Result<json::value> TextEncoder::infer_all(const json::array& tensors, const InferInput& input,
                                           InferOutput& output, device::RunContext& context) const {
  if (tensors.empty() || tensors.size() > kMaxTexts) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("tensors must be 1..{}, got {}", kMaxTexts, tensors.size()));
  }
  std::vector<TensorView> texts;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    auto text = take(tensors[i], fmt::format("tensors[{}]", i), input);
    if (!text) return fail(text.error());
    texts.push_back(std::move(*text));
  }
  json::array results;
  std::vector<std::span<std::byte>> places;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto place = output.allocate(out().dtype, out().shape);
    if (!place) return fail(place.error());
    results.push_back(std::move(place->tensor));
    places.push_back(place->view.data);
  }
  for (std::size_t at = 0; at < texts.size();) {
    if (context.cancelled()) return fail(ErrorCode::kCancelled, "cancelled");
    const std::size_t left = texts.size() - at;
    // A run of a batch takes as long as about half as many single ones, however full it is.
    const bool together = many_ && 2 * left > batch_;
    const std::size_t count = together ? std::min(left, batch_) : 1;
    const auto ran = together ? run_many(std::span(texts).subspan(at, count),
                                         std::span(places).subspan(at, count), context)
                              : run_one(texts[at], places[at], context);
    if (!ran) return fail(ran.error());
    context.progressed();
    at += count;
  }
  return json::value(std::move(results));
}

Status TextEncoder::run_one(const TensorView& text, std::span<std::byte> place,
                            device::RunContext& context) const {
  const TensorView from = as_spec(text, in());
  const device::MutableTensorView to{out().dtype, out().shape, place};
  return one_->run(std::span(&from, 1), std::span(&to, 1), context);
}

Status TextEncoder::run_many(std::span<const TensorView> texts,
                             std::span<const std::span<std::byte>> places,
                             device::RunContext& context) const {
  const TensorSpec& many_in = many_->inputs()[0];
  const TensorSpec& many_out = many_->outputs()[0];
  std::vector<std::byte> input(bytes_of(many_in));
  std::vector<std::byte> result(bytes_of(many_out));
  auto* next = input.data();
  for (const TensorView& text : texts) {
    next = std::copy_n(text.data.data(), text.data.size(), next);
  }
  const TensorView from{many_in.dtype, many_in.shape, input};
  const device::MutableTensorView to{many_out.dtype, many_out.shape, result};
  if (auto ok = many_->run(std::span(&from, 1), std::span(&to, 1), context); !ok) return ok;
  const auto* rest = result.data();
  for (const auto& place : places) {
    std::copy_n(rest, place.size(), place.data());
    rest += place.size();
  }
  return {};
}

}  // namespace npu::families
