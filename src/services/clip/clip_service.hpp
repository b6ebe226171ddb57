// hailo-clip: pictures and texts as vectors, and how well a text describes a picture, over HTTP.
//
//   GET  /v1/info, /v1/models
//   POST /v1/classify, /v1/embed/image, /v1/embed/text   as the Python project's hailo-clip has it
//   POST /v1/embeddings       as OpenAI has it, for texts, tokens and pictures
//   GET  /v1/classify/live    a WebSocket: pictures in, the best of the prompts out
//
// Everything runs on the host's event loop; decoding, tokens and projections on its work pool.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "http/router.hpp"
#include "http/work_pool.hpp"
#include "services/clip/classify_options.hpp"
#include "services/clip/clip_config.hpp"
#include "services/clip/embeddings_route.hpp"
#include "services/clip/encoder.hpp"
#include "services/kit/live.hpp"
#include "services/kit/model.hpp"
#include "services/kit/pictures.hpp"

namespace npu::clip {

// The OpenAPI document of this service: openapi.json.
std::string_view openapi();

class ClipService {
 public:
  // The references must outlive the service.
  ClipService(const ClipConfig& config, kit::Model& model, http::WorkPool& pool);

  void add_routes(http::Router& router);
  // {"status": "healthy", "service", "model_loaded", "model", "runtime_mode", ...}
  boost::json::object health() const;

 private:
  awaitable<Result<http::Response>> classify(http::Request request);
  awaitable<Result<http::Response>> embed_image(http::Request request);
  awaitable<Result<http::Response>> embed_text(http::Request request);
  awaitable<Status> live(http::Request request, http::WebSocket& socket);

  // A vector for each prompt, the mean of its templates.
  awaitable<Result<std::vector<Vector>>> prompts(const http::Request& request,
                                                 const ClassifyOptions& options);
  ClassifyOptions defaults() const;
  boost::json::object info() const;
  boost::json::object models() const;

  const ClipConfig& config_;
  kit::Model& model_;
  http::WorkPool& pool_;
  kit::Pictures pictures_;
  kit::Live live_;
  Encoder encoder_;
  EmbeddingsRoute embeddings_;
  std::int64_t created_;  // Unix time
};

}  // namespace npu::clip
