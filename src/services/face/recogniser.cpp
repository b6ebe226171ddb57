#include "services/face/recogniser.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/log.hpp"
#include "services/face/align.hpp"
#include "services/face/store/embedding_index.hpp"

namespace npu::face {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kLongestEmbedding = 4096;
// Of one picture's faces: the next one is on its way while a chip is busy with one, and a crowd
// does not take the whole share of its user.
constexpr std::size_t kAtOnce = 4;

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

awaitable<Result<std::vector<float>>> embed_one(kit::Model& model, const http::Request& request,
                                                const media::Image& face) {
  auto picture = picture_for(model, face);
  if (!picture) co_return fail(picture.error());
  const auto output = co_await model.infer(std::move(*picture), request);
  if (!output) co_return fail(output.error());
  auto embedding = embedding_in(*output);
  if (!embedding)
    log::warning({.request = request.id}, "req={} {}", request.id, embedding.error().message);
  co_return embedding;
}

// All at the same time. Fails as the first that does.
awaitable<Result<std::vector<std::vector<float>>>> embed_together(
    kit::Model& model, const http::Request& request, std::span<const media::Image> faces) {
  const auto executor = co_await asio::this_coro::executor;
  using Embedding =
      decltype(asio::co_spawn(executor, embed_one(model, request, faces[0]), asio::deferred));
  std::vector<Embedding> all;
  all.reserve(faces.size());
  for (const media::Image& face : faces) {
    all.push_back(asio::co_spawn(executor, embed_one(model, request, face), asio::deferred));
  }
  auto [order, thrown, done] =
      co_await asio::experimental::make_parallel_group(std::move(all))
          .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  std::vector<std::vector<float>> embeddings(faces.size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (thrown[i]) std::rethrow_exception(thrown[i]);
    if (!done[i]) co_return fail(done[i].error());
    embeddings[i] = std::move(*done[i]);
  }
  co_return embeddings;
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
  embeddings.reserve(faces.size());
  for (std::size_t at = 0; at < faces.size(); at += kAtOnce) {
    const auto now = faces.subspan(at, std::min(kAtOnce, faces.size() - at));
    auto some = co_await embed_together(**model, request, now);
    if (!some) co_return fail(some.error());
    std::ranges::move(*some, std::back_inserter(embeddings));
  }
  co_return embeddings;
}

}  // namespace npu::face
