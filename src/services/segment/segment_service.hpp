// hailo-segment: objects in pictures and their masks over HTTP.
//
//   GET  /v1/info
//   POST /v1/segment, /api/segment     our own form, or COCO's results
//   GET  /v1/segment/live              a WebSocket: pictures in, objects and masks out
//
// Everything runs on the host's event loop; decoding, heads and masks on its work pool.
#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/clock.hpp"
#include "http/router.hpp"
#include "http/work_pool.hpp"
#include "services/kit/live.hpp"
#include "services/kit/model.hpp"
#include "services/kit/model_labels.hpp"
#include "services/kit/pictures.hpp"
#include "services/segment/segment_config.hpp"

namespace npu::segment {

// The OpenAPI document of this service: openapi.json.
std::string_view openapi();

class SegmentService {
 public:
  // The references must outlive the service; the model must not be loaded before.
  SegmentService(const SegmentConfig& config, kit::ModelLabels labels, kit::Model& model,
                 http::WorkPool& pool);

  void add_routes(http::Router& router);

 private:
  // Whether the outputs of the model that was loaded are a segmenter's; takes its labels over.
  Status accept(const LoadedModel& model);
  http::awaitable<Result<http::Response>> segment(http::Request request);
  http::awaitable<Status> live(http::Request request, http::WebSocket& socket);
  Millis max_time() const { return Millis(config_.max_mask_ms); }
  boost::json::object info() const;

  const SegmentConfig& config_;
  kit::ModelLabels labels_;
  std::string known_head_;  // as the model is said to have it
  kit::Model& model_;
  http::WorkPool& pool_;
  kit::Pictures pictures_;
  kit::Live live_;
};

}  // namespace npu::segment
