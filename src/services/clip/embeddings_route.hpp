// POST /v1/embeddings, as OpenAI has it. Used on the event loop.
#pragma once

#include <vector>

#include "http/router.hpp"
#include "http/work_pool.hpp"
#include "services/clip/clip_config.hpp"
#include "services/clip/embeddings_request.hpp"
#include "services/clip/encoder.hpp"
#include "services/kit/model.hpp"

namespace npu::clip {

class EmbeddingsRoute {
 public:
  // The references must outlive it.
  EmbeddingsRoute(const ClipConfig& config, kit::Model& model, http::WorkPool& pool,
                  Encoder& encoder)
      : config_(config), model_(model), pool_(pool), encoder_(encoder) {}

  static http::RouteOptions options();
  awaitable<Result<http::Response>> answer(http::Request request);

 private:
  // In the order of the items.
  awaitable<Result<std::vector<Vector>>> vectors_of(const http::Request& request,
                                                    std::vector<EmbeddingItem> items);
  awaitable<Result<Vector>> picture_of(const http::Request& request, PictureItem item);

  const ClipConfig& config_;
  kit::Model& model_;
  http::WorkPool& pool_;
  Encoder& encoder_;
};

}  // namespace npu::clip
