#include "services/face/recogniser.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/log.hpp"
#include "services/face/align.hpp"
#include "services/face/store/embedding_index.hpp"

namespace npu::face {
namespace {

constexpr std::size_t kLongestEmbedding = 4096;

Result<ClientTensor> picture_for(kit::Model& model, const media::Image& face) {
  auto memory = model.picture();
  if (!memory) return memory;
  const auto bytes = memory->writable();
  const auto pixels = std::as_bytes(face.pixels());
  if (bytes.size() != pixels.size()) {
    return fail(ErrorCode::kInternal,
                fmt::format("a network that knows faces takes {0} x {0} x 3, this one {1}",
                            kAlignedSide, to_string(memory->shape())));
  }
  std::copy_n(pixels.data(), pixels.size(), bytes.data());
  return memory;
}

Result<std::vector<float>> embedding_in(const InferResult& result) {
  const auto tensor = kit::first_tensor(result);
  if (!tensor) return fail(tensor.error());
  if (tensor->dtype() != DType::kFloat32) {
    return fail(ErrorCode::kInternal, "the model's embedding must be float32");
  }
  const auto values = tensor->as<float>();
  if (values.size() < 2 || values.size() > kLongestEmbedding) {
    return fail(ErrorCode::kInternal,
                fmt::format("the model's output {} is no embedding", to_string(tensor->shape())));
  }
  std::vector<float> vector(values.begin(), values.end());
  if (!normalise(vector)) return fail(ErrorCode::kInternal, "the model's embedding has no length");
  return vector;
}

}  // namespace

double known_threshold(std::string_view model) {
  if (model == "sface") return 0.363;    // OpenCV's face_recognition_sface
  if (model == kDemoModel) return 0.55;  // models/face-tiny/README.md
  return 0.5;
}

double Recogniser::threshold() const {
  return rules_.threshold > 0 ? rules_.threshold : known_threshold(model());
}

Status Recogniser::allowed() const {
  if (model() != kDemoModel || rules_.demo_model) return {};
  return fail(ErrorCode::kUnavailable,
              "recognising faces needs a model that knows real ones: `hailoctl pull sface` (CPU, "
              "Apache-2.0) or `hailoctl pull arcface_mobilefacenet` (NPU), and its name in "
              "face_recognition.recognition_model. face-tiny knows drawn faces only; to try it, "
              "set faces.demo_model");
}

awaitable<Result<std::vector<std::vector<float>>>> Recogniser::embed(
    const http::Request& request, std::span<const media::Image> faces) {
  if (const Status may = allowed(); !may) co_return fail(may.error());
  std::vector<std::vector<float>> embeddings;
  if (faces.empty()) co_return embeddings;
  auto model = co_await models_.use(rules_.model.name);
  if (!model) {
    Error error = model.error();
    error.message = fmt::format(
        "the model {0} cannot be used: {1} (`hailoctl pull {0}` fetches one that the catalogue "
        "has; face_recognition.recognition_path says where it lies)",
        rules_.model.name, error.message);
    co_return fail(std::move(error));
  }
  for (const media::Image& face : faces) {
    auto picture = picture_for(**model, face);
    if (!picture) co_return fail(picture.error());
    const auto output = co_await (*model)->infer(std::move(*picture), request);
    if (!output) co_return fail(output.error());
    auto embedding = embedding_in(*output);
    if (!embedding) {
      log::warning("req={} {}", request.id, embedding.error().message);
      co_return fail(embedding.error());
    }
    embeddings.push_back(std::move(*embedding));
  }
  co_return embeddings;
}

}  // namespace npu::face
