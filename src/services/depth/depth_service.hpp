// hailo-depth: monocular depth from pictures over HTTP.
//
//   GET  /v1/info, /v1/models
//   POST /v1/depth/estimate, /api/depth
//   GET  /v1/depth/live     a WebSocket: pictures in, statistics and colours out
//
// Everything runs on the host's event loop; colour mapping and encoding on its work pool.
#pragma once

#include <boost/json.hpp>

#include "http/router.hpp"
#include "http/work_pool.hpp"
#include "services/depth/depth_config.hpp"
#include "services/kit/live.hpp"
#include "services/kit/model.hpp"
#include "services/kit/pictures.hpp"

namespace npu::depth {

// The OpenAPI document of this service: openapi.json.
std::string_view openapi();

class DepthService {
 public:
  // The references must outlive the service.
  DepthService(const DepthConfig& config, kit::Model& model, http::WorkPool& pool);

  void add_routes(http::Router& router);
  boost::json::object health() const;

 private:
  http::awaitable<Result<http::Response>> estimate(http::Request request);
  http::awaitable<Status> live(http::Request request, http::WebSocket& socket);
  boost::json::object info() const;

  const DepthConfig& config_;
  kit::Model& model_;
  http::WorkPool& pool_;
  kit::Pictures pictures_;
  kit::Live live_;
  EstimateOptions defaults_;
};

}  // namespace npu::depth
