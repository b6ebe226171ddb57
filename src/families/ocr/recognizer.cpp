#include "families/ocr/recognizer.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "families/support/tensor_check.hpp"

namespace npu::families {
namespace json = boost::json;

Recognizer::Scratch Recognizer::make_scratch() const {
  if (model_.batch() == 1) return {};
  const auto& in = model_.model().inputs()[0];
  const auto& out = model_.model().outputs()[0];
  return {std::vector<std::byte>(byte_size(in.dtype, in.shape).value_or(0)),
          std::vector<std::byte>(byte_size(out.dtype, out.shape).value_or(0))};
}

Result<Recognizer> Recognizer::adopt(std::unique_ptr<device::TensorModel> model,
                                     std::string_view language) {
  const std::string what = fmt::format("recognition model for {}", language);
  auto adopted = PictureModel::adopt(std::move(model), what, PictureModel::Batch::kAny);
  if (!adopted) return fail(adopted.error());
  if (adopted->outputs().size() != 1) {
    return fail(ErrorCode::kUnsupported, fmt::format("a {} gives one tensor; this file gives {}",
                                                     what, adopted->outputs().size()));
  }
  return Recognizer(std::move(*adopted));
}

Result<json::value> Recognizer::infer(const json::array& crops, const InferInput& input,
                                      InferOutput& output, device::RunContext& context) {
  std::vector<TensorView> views;
  views.reserve(crops.size());
  for (std::size_t i = 0; i < crops.size(); ++i) {
    auto view = model_.take(input, crops[i], fmt::format("crops[{}]", i));
    if (!view) return fail(view.error());
    views.push_back(std::move(*view));
  }
  json::array tensors;
  tensors.reserve(crops.size());
  std::vector<std::span<std::byte>> places;
  places.reserve(crops.size());
  for (std::size_t i = 0; i < crops.size(); ++i) {
    auto place = output.allocate(DType::kFloat32, model_.outputs()[0]);
    if (!place) return fail(place.error());
    tensors.push_back(std::move(place->tensor));
    places.push_back(place->view.data);
  }
  Scratch scratch = make_scratch();
  const auto batch = static_cast<std::size_t>(model_.batch());
  for (std::size_t at = 0; at < views.size(); at += batch) {
    if (context.cancelled()) return fail(ErrorCode::kCancelled, "cancelled");
    const std::size_t count = std::min(batch, views.size() - at);
    const auto ran = run_batch(std::span(views).subspan(at, count),
                               std::span(places).subspan(at, count), scratch, context);
    if (!ran) return fail(ran.error());
  }
  return json::value(std::move(tensors));
}

Status Recognizer::run_batch(std::span<const TensorView> crops,
                             std::span<const std::span<std::byte>> places, Scratch& scratch,
                             device::RunContext& context) {
  const auto& in = model_.model().inputs()[0];
  const auto& out = model_.model().outputs()[0];
  const auto run = [&](std::span<const std::byte> from, std::span<std::byte> to) {
    const TensorView input{in.dtype, in.shape, from};
    const device::MutableTensorView output{out.dtype, out.shape, to};
    return model_.model().run(std::span(&input, 1), std::span(&output, 1), context);
  };
  if (model_.batch() == 1) return run(crops[0].data, places[0]);

  std::span<std::byte> next = scratch.input;
  for (const auto& crop : crops) {
    std::memcpy(next.data(), crop.data.data(), crop.data.size());
    next = next.subspan(crop.data.size());
  }
  std::ranges::fill(next, std::byte{0});
  if (auto ok = run(scratch.input, scratch.output); !ok) return ok;
  std::span<const std::byte> rest = scratch.output;
  for (const auto& place : places) {
    std::memcpy(place.data(), rest.data(), place.size());
    rest = rest.subspan(place.size());
  }
  return {};
}

}  // namespace npu::families
