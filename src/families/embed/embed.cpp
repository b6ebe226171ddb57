#include "families/embed/embed.hpp"

#include <utility>

#include <fmt/format.h>

#include "families/embed/embed_input.hpp"
#include "families/embed/pooling.hpp"
#include "families/support/tensor_check.hpp"
#include "json/fields.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

struct EmbedParams {
  Pooling pooling = Pooling::kMean;
  bool normalise = true;
};

Result<EmbedParams> parse_embed_params(const json::object& fields) {
  npu::json::Fields in(fields);
  EmbedParams params;
  if (const auto name = in.text("pooling")) {
    const auto pooling = pooling_named(*name);
    if (!pooling) in.wrong("pooling", "mean, cls, last or none");
    params.pooling = pooling.value_or(Pooling::kMean);
  }
  params.normalise = in.flag("normalise").value_or(true);
  if (!in.status()) return fail(in.status().error());
  return params;
}

// The memory of a model's outputs, of which only the first is looked at.
class Outputs {
 public:
  explicit Outputs(const device::TensorModel& model) {
    for (const auto& spec : model.outputs()) {
      // The device has checked the size when it loaded the model.
      auto& memory = memory_.emplace_back(byte_size(spec.dtype, spec.shape).value_or(0));
      views_.push_back({spec.dtype, spec.shape, memory});
    }
  }
  std::span<const device::MutableTensorView> views() const { return views_; }
  std::span<const float> first() const {
    const auto& memory = memory_.front();
    return {reinterpret_cast<const float*>(memory.data()), memory.size() / sizeof(float)};
  }

 private:
  std::vector<std::vector<std::byte>> memory_;
  std::vector<device::MutableTensorView> views_;
};

class EmbedModel final : public FamilyModel {
 public:
  static Result<std::unique_ptr<EmbedModel>> adopt(std::unique_ptr<device::TensorModel> model,
                                                   const EmbedParams& params) {
    auto input = EmbedInput::of(*model);
    if (!input) return fail(input.error());
    const auto& output = model->outputs().front();
    const Shape shape = without_leading_one(output.shape);
    if (output.dtype != DType::kFloat32 || shape.empty()) {
      return fail(ErrorCode::kUnsupported,
                  fmt::format("an embedding model gives float32 vectors; output '{}' is {} {}",
                              output.name, name_of(output.dtype), to_string(output.shape)));
    }
    return std::unique_ptr<EmbedModel>(new EmbedModel(std::move(model), *input, params));
  }

  json::object load_info() const override {
    const Shape shape = input_.shape();
    json::object info;
    info["input"] = input_.field();
    info["input_shape"] = json::array(shape.begin(), shape.end());
    info["dimension"] = dimension();
    json::object result;
    result["model_info"] = std::move(info);
    return result;
  }

  Result<json::value> infer(const InferInput& input, InferOutput& output,
                            device::RunContext& context) override {
    const auto items = input_.take(input);
    if (!items) return fail(items.error());
    auto place = output.allocate(DType::kFloat32,
                                 {std::ssize(*items), static_cast<std::int64_t>(dimension())});
    if (!place) return fail(place.error());
    const std::span<float> vectors(reinterpret_cast<float*>(place->view.data.data()),
                                   items->size() * dimension());
    const Outputs outputs(*model_);
    for (std::size_t i = 0; i < items->size(); ++i) {
      if (context.cancelled()) return fail(ErrorCode::kCancelled, "cancelled");
      const auto& item = (*items)[i];
      if (auto ok = model_->run(item.tensors, outputs.views(), context); !ok) {
        return fail(ok.error());
      }
      const auto vector = vectors.subspan(i * dimension(), dimension());
      pool(params_.pooling, outputs.first(), width_, rows_counting(item), vector);
      if (params_.normalise) normalise(vector);
      context.progressed();
    }
    return json::value(std::move(place->tensor));
  }

 private:
  EmbedModel(std::unique_ptr<device::TensorModel> model, const EmbedInput& input,
             const EmbedParams& params)
      : model_(std::move(model)), input_(input), params_(params) {
    const Shape shape = without_leading_one(model_->outputs().front().shape);
    width_ = static_cast<std::size_t>(shape.back());
    for (std::size_t i = 0; i + 1 < shape.size(); ++i) rows_ *= static_cast<std::size_t>(shape[i]);
  }

  std::size_t dimension() const { return pooled_size(params_.pooling, rows_, width_); }

  // A model that has pooled by itself has one row, whatever its input.
  std::size_t rows_counting(const EmbedInput::Item& item) const {
    const bool row_each = rows_ == static_cast<std::size_t>(input_.shape().front());
    return item.counting > 0 && row_each ? item.counting : rows_;
  }

  std::unique_ptr<device::TensorModel> model_;
  EmbedInput input_;
  EmbedParams params_;
  std::size_t rows_ = 1;
  std::size_t width_ = 0;
};

class EmbedFamily final : public Family {
 public:
  Result<LoadPlan> plan(const std::string& path, const json::object& fields) const override {
    const auto params = parse_embed_params(fields);
    if (!params) return fail(params.error());
    return LoadPlan{
        {{"model", path, "Model HEF not found: " + path}},
        {{"pooling", static_cast<int>(params->pooling)}, {"normalise", params->normalise}}};
  }

  Result<std::unique_ptr<FamilyModel>> load(device::Device& device, const LoadRequest& request,
                                            device::RunContext& context) const override {
    const auto params = parse_embed_params(request.params);
    if (!params) return fail(params.error());
    auto model = device.load_tensor(request.files.at(0), {}, context);
    if (!model) return fail(model.error());
    return EmbedModel::adopt(std::move(*model), *params);
  }
};

}  // namespace

std::unique_ptr<Family> make_embed_family() { return std::make_unique<EmbedFamily>(); }

}  // namespace npu::families
