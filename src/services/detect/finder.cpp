#include "services/detect/finder.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "vision/suppress.hpp"

namespace npu::detect {
namespace {

// More than any crowd has, and a bound on the time of the suppression.
constexpr std::size_t kMaxCandidates = 3000;

Result<std::vector<ClientTensor>> tensors_of(const InferResult& result) {
  std::vector<ClientTensor> tensors;
  if (auto only = result.tensor()) {
    tensors.push_back(std::move(*only));
  } else if (const auto* layers = result.value.if_object()) {
    for (const auto& layer : *layers) {
      auto tensor = result.tensor(layer.key());
      if (!tensor) return fail(ErrorCode::kInternal, "the model's output is not a tensor");
      tensors.push_back(std::move(*tensor));
    }
  }
  for (const ClientTensor& tensor : tensors) {
    if (tensor.dtype() != DType::kFloat32) {
      return fail(
          ErrorCode::kInternal,
          fmt::format("the model's outputs must be float32, one is {}", name_of(tensor.dtype())));
    }
  }
  return tensors;
}

}  // namespace

Result<std::vector<Found>> find_objects(const InferResult& result, const kit::Placement& placed,
                                        std::optional<vision::HeadKind> head,
                                        const DetectOptions& options) {
  const auto tensors = tensors_of(result);
  if (!tensors) return fail(tensors.error());
  std::vector<vision::Output> outputs;
  outputs.reserve(tensors->size());
  for (const ClientTensor& tensor : *tensors) {
    outputs.push_back({tensor.shape(), tensor.as<float>()});
  }
  const auto known = vision::find_head(outputs, placed.input, head);
  if (!known) return fail(ErrorCode::kInternal, known.error().message);

  const auto left = static_cast<float>(placed.left);
  const auto top = static_cast<float>(placed.top);
  const vision::Box picture{left, top, left + static_cast<float>(placed.resized.width),
                            top + static_cast<float>(placed.resized.height)};
  vision::Candidates candidates(kMaxCandidates, {.labels = options.classes, .region = picture});
  vision::decode(*known, outputs, placed.input, static_cast<float>(options.threshold), candidates);
  const vision::SuppressionRules rules{
      .max_overlap = static_cast<float>(options.iou_threshold),
      .agnostic = options.agnostic,
      .max_detections = static_cast<std::size_t>(options.max_detections)};
  std::vector<Found> found;
  for (const vision::Detection& one : vision::suppress(std::move(candidates), rules)) {
    const kit::Box box =
        placed.to_picture(kit::Box{{one.box.left, one.box.top}, {one.box.right, one.box.bottom}});
    found.push_back({box, one.score, one.label});
  }
  return found;
}

}  // namespace npu::detect
