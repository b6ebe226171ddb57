// hailo-pose: people and their key points over HTTP.
//
//   GET  /v1/info, /v1/models
//   POST /v1/pose/detect     as the Python project's hailo-pose has it
//   POST /api/pose           names and places of the key points alone
//   GET  /v1/pose/live       a WebSocket: pictures in, people out
//
// Everything runs on the host's event loop; decoding, heads and suppression on its work pool.
#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "http/router.hpp"
#include "http/work_pool.hpp"
#include "services/kit/live.hpp"
#include "services/kit/model.hpp"
#include "services/kit/pictures.hpp"
#include "services/pose/answer.hpp"
#include "services/pose/pose_config.hpp"

namespace npu::pose {

// The OpenAPI document of this service: openapi.json.
std::string_view openapi();

class PoseService {
 public:
  // The references must outlive the service.
  PoseService(const PoseConfig& config, kit::Model& model, http::WorkPool& pool);

  void add_routes(http::Router& router);

 private:
  // Of each load: whether its outputs are a head of people.
  Status accept(const LoadedModel& model);
  using Write = std::string (*)(const Answer&);

  http::awaitable<Result<http::Response>> find(http::Request request, Write write);
  http::awaitable<Status> live(http::Request request, http::WebSocket& socket);
  boost::json::object info() const;
  boost::json::object models() const;

  const PoseConfig& config_;
  kit::Model& model_;
  http::WorkPool& pool_;
  kit::Pictures pictures_;
  kit::Live live_;
  std::int64_t created_;    // Unix time
  std::string known_head_;  // that the model is said to have
};

}  // namespace npu::pose
