#include "families/ocr/recognizer.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "families/ocr/best_classes.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

// Without the first dimension.
Shape shape_of_one(const Shape& shape) { return {shape.begin() + 1, shape.end()}; }

std::span<const std::byte> part(const Tensor& all, std::size_t index) {
  const std::size_t size = all.data.size() / static_cast<std::size_t>(all.shape.front());
  return std::span(all.data).subspan(index * size, size);
}

Result<json::value> written(const Tensor& all, std::size_t index, Recognizer::Answer answer,
                            InferOutput& output) {
  Shape shape = shape_of_one(all.shape);
  const auto scores = part(all, index);
  if (answer == Recognizer::Answer::kScores || shape.empty() || shape.back() < 1) {
    auto place = output.allocate(DType::kFloat32, shape);
    if (!place) return fail(place.error());
    std::memcpy(place->view.data.data(), scores.data(), scores.size());
    return json::value(std::move(place->tensor));
  }
  const auto classes = static_cast<std::size_t>(shape.back());
  const std::size_t rows = scores.size() / sizeof(float) / classes;
  auto place = output.allocate(DType::kFloat32, {static_cast<std::int64_t>(rows), 2});
  if (!place) return fail(place.error());
  best_classes({reinterpret_cast<const float*>(scores.data()), rows * classes}, classes,
               {reinterpret_cast<float*>(place->view.data.data()), 2 * rows});
  return json::value(std::move(place->tensor));
}

}  // namespace

Result<Recognizer> Recognizer::load(device::Device& device, const device::ModelFile& file,
                                    int batch, ModelDescription said, std::string_view what,
                                    device::RunContext& context) {
  device::TensorOptions options{.batch = batch};
  options.picture = said;
  auto model = device.load_tensor(file, options, context);
  if (!model) return fail(model.error());
  auto adopted = PictureModel::adopt(std::move(*model), what, PictureModel::Batch::kAny);
  if (!adopted) return fail(adopted.error());
  if (adopted->outputs().size() != 1) {
    return fail(ErrorCode::kUnsupported, fmt::format("a {} gives one tensor; this file gives {}",
                                                     what, adopted->outputs().size()));
  }
  adopted->describe(std::move(said));
  return Recognizer(std::move(*adopted));
}

json::object Recognizer::info() const {
  json::object info = model_.model_info().at("model_info").as_object();
  if (model_.free() && model_.free()->width) {
    info["step"] = model_.free()->step;
    info["max_width"] = model_.free()->max_side;
  }
  info["batch"] = batch();
  return info;
}

std::size_t Recognizer::batch() const {
  return static_cast<std::size_t>(model_.free() ? model_.free()->batch : model_.batch());
}

Result<json::value> Recognizer::infer(const json::array& crops, Answer answer,
                                      const InferInput& input, InferOutput& output,
                                      device::RunContext& context) const {
  std::vector<TensorView> views;
  views.reserve(crops.size());
  for (std::size_t i = 0; i < crops.size(); ++i) {
    auto view = model_.take(input, crops[i], fmt::format("crops[{}]", i));
    if (!view) return fail(view.error());
    views.push_back(std::move(*view));
  }
  json::array tensors;
  tensors.reserve(crops.size());
  while (tensors.size() < views.size()) {
    if (context.cancelled()) return fail(ErrorCode::kCancelled, "cancelled");
    const auto rest = std::span<const TensorView>(views).subspan(tensors.size());
    const auto other = std::ranges::find_if(
        rest, [&](const TensorView& view) { return view.shape != rest.front().shape; });
    const auto count = std::min(batch(), static_cast<std::size_t>(other - rest.begin()));
    const auto all = run(rest.first(count), context);
    if (!all) return fail(all.error());
    for (std::size_t i = 0; i < count; ++i) {
      auto tensor = written(*all, i, answer, output);
      if (!tensor) return fail(tensor.error());
      tensors.push_back(std::move(*tensor));
    }
  }
  return json::value(std::move(tensors));
}

Result<Tensor> Recognizer::run(std::span<const TensorView> crops,
                               device::RunContext& context) const {
  const std::size_t size = crops.front().data.size();
  std::vector<std::byte> pictures(size * (model_.free() ? crops.size() : batch()));
  for (std::size_t i = 0; i < crops.size(); ++i) {
    std::memcpy(pictures.data() + i * size, crops[i].data.data(), size);
  }
  if (!model_.free()) return run_fixed(pictures, context);
  Shape shape = crops.front().shape;
  shape.insert(shape.begin(), static_cast<std::int64_t>(crops.size()));
  auto outputs = model_.model().run_free({DType::kUint8, std::move(shape), pictures}, context);
  if (!outputs) return fail(outputs.error());
  Tensor& all = outputs->front();
  if (all.shape.empty() || all.shape.front() != static_cast<std::int64_t>(crops.size())) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} crops in one run gave {}", crops.size(), to_string(all.shape)));
  }
  return std::move(all);
}

Result<Tensor> Recognizer::run_fixed(const std::vector<std::byte>& pictures,
                                     device::RunContext& context) const {
  const auto& in = model_.model().inputs()[0];
  const auto& out = model_.model().outputs()[0];
  Tensor all{out.dtype, model_.outputs()[0], {}};
  all.shape.insert(all.shape.begin(), model_.batch());
  const auto bytes = byte_size(out.dtype, out.shape);
  if (!bytes) return fail(bytes.error());
  all.data.resize(*bytes);
  const TensorView input{in.dtype, in.shape, pictures};
  const device::MutableTensorView output{out.dtype, out.shape, all.data};
  if (auto ran = model_.model().run(std::span(&input, 1), std::span(&output, 1), context); !ran) {
    return fail(ran.error());
  }
  return all;
}

}  // namespace npu::families
