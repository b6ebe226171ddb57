// hailo-scrfd: faces and their five points over HTTP.
//
//   POST /v1/detect     boxes, scores, points; with `annotate` the picture with them
//   POST /v1/align      each face cut out, upright, 112 x 112
//   GET  /v1/detect/live  a WebSocket: pictures in, faces out
//
// The first two as the Python project's hailo-scrfd has them.
#pragma once

#include <string_view>

#include <boost/json.hpp>

#include "services/face/detector.hpp"

namespace npu::face {

// The OpenAPI document of hailo-scrfd: scrfd_openapi.json.
std::string_view scrfd_openapi();

class ScrfdService {
 public:
  // The references must outlive the service; the model must not be loaded before.
  ScrfdService(const DetectorConfig& config, kit::Model& model, http::WorkPool& pool);

  void add_routes(http::Router& router);
  boost::json::object health() const;

 private:
  http::awaitable<Result<http::Response>> detect(http::Request request);
  http::awaitable<Result<http::Response>> align(http::Request request);

  const DetectorConfig& config_;
  Detector detector_;
};

}  // namespace npu::face
