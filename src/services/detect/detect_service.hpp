// hailo-detect: objects in pictures over HTTP.
//
//   GET  /v1/info
//   POST /v1/detect, /api/detect     our own form, or COCO's results
//   POST /v1/vision/detection        as DeepStack has it
//   GET  /v1/detect/live             a WebSocket: pictures in, objects out
//
// Everything runs on the host's event loop; decoding, heads and suppression on its work pool.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "http/router.hpp"
#include "http/work_pool.hpp"
#include "services/detect/detect_config.hpp"
#include "services/detect/finder.hpp"
#include "services/kit/live.hpp"
#include "services/kit/model.hpp"
#include "services/kit/model_labels.hpp"
#include "services/kit/pictures.hpp"

namespace npu::detect {

// The OpenAPI document of this service: openapi.json.
std::string_view openapi();

class DetectService {
 public:
  // The references must outlive the service; the model must not be loaded before.
  DetectService(const DetectConfig& config, kit::ModelLabels labels, kit::Model& model,
                http::WorkPool& pool);

  void add_routes(http::Router& router);

  // find_objects() with the model's head and the configured options; made on the event loop, for
  // one answer, called on the pool.
  using Find = std::function<Result<std::vector<Found>>(const InferResult&, const kit::Placement&)>;
  Find finder() const;

 private:
  http::awaitable<Result<http::Response>> detect(http::Request request);
  http::awaitable<Result<http::Response>> deepstack(http::Request request);
  http::awaitable<Status> live(http::Request request, http::WebSocket& socket);
  // The references outlive the call.
  http::awaitable<Result<std::vector<Found>>> find(http::Request& request,
                                                   kit::PictureUpload& upload,
                                                   const DetectOptions& options);
  boost::json::object info() const;
  // Whether the outputs of the model that was loaded are a detector's; takes its labels over.
  Status accept(const LoadedModel& model);

  const DetectConfig& config_;
  kit::ModelLabels labels_;
  std::string known_head_;  // as the model is said to have it
  kit::Model& model_;
  http::WorkPool& pool_;
  kit::Pictures pictures_;
  kit::Live live_;
};

}  // namespace npu::detect
