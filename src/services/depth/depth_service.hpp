// hailo-depth: monocular depth from pictures over HTTP.
//
//   GET  /health, /health/ready, /v1/info, /v1/models
//   POST /v1/depth/estimate
//
// Everything runs on the host's event loop; decoding, resizing, colour mapping and encoding on its
// work pool. The model is loaded in the background: the service is ready once that has happened and
// as long as manager, device and model are there; when one is gone it is loaded again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>

#include "base/clock.hpp"
#include "http/readiness.hpp"
#include "http/router.hpp"
#include "http/work_pool.hpp"
#include "services/depth/depth_config.hpp"
#include "services/depth/depth_model.hpp"
#include "services/depth/upload.hpp"

namespace npu::depth {

class DepthService {
 public:
  // The references must outlive the service.
  DepthService(const DepthConfig& config, DepthModel& model, http::WorkPool& pool,
               http::Readiness& readiness, boost::asio::any_io_executor executor);

  void add_routes(http::Router& router);
  boost::json::object health() const;
  // Loads the model, watches the manager, loads again after it was gone. Until cancelled.
  http::awaitable<void> keep_loaded();
  http::awaitable<void> release();

 private:
  http::awaitable<Result<http::Response>> estimate(http::Request request);
  http::awaitable<Result<std::string>> fetch(const std::string& url, const http::Request& request);
  http::awaitable<Status> load_once();
  void lost(const Error& error);

  const DepthConfig& config_;
  DepthModel& model_;
  http::WorkPool& pool_;
  http::Readiness& readiness_;
  std::optional<http::WorkPool> fetch_pool_;  // slow servers must not keep pictures from decoding
  boost::asio::steady_timer wake_;
  EstimateOptions defaults_;
  UploadLimits limits_;
  SteadyTime started_ = std::chrono::steady_clock::now();
  bool loaded_ = false;
  std::optional<std::string> last_error_;
  std::uint64_t inferences_ = 0;
};

}  // namespace npu::depth
