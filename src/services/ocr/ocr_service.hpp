// hailo-ocr: text in pictures over HTTP.
//
//   GET  /models, /cache/stats, and /health as the Python project's hailo-ocr has them
//   POST /v1/ocr/extract     JSON, or plain text, hOCR, TSV, ALTO
//   POST /api/ocr            texts and their places alone
//   GET  /v1/ocr/live        a WebSocket: pictures in, text out
//
// Everything runs on the host's event loop; decoding, cutting and reading on its work pool.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/own_memory.hpp"
#include "http/router.hpp"
#include "http/work_pool.hpp"
#include "services/kit/live.hpp"
#include "services/kit/model.hpp"
#include "services/kit/pictures.hpp"
#include "services/ocr/answer.hpp"
#include "services/ocr/networks.hpp"
#include "services/ocr/ocr_config.hpp"
#include "services/ocr/page_cache.hpp"
#include "services/ocr/turnstile.hpp"

namespace npu::ocr {

// The OpenAPI document of this service: openapi.json.
std::string_view openapi();

class OcrService {
 public:
  // The references must outlive the service. rules: with which the model is loaded.
  OcrService(const OcrConfig& config, const kit::ModelRules& rules, kit::Model& model,
             http::WorkPool& pool);

  void add_routes(http::Router& router);
  boost::json::object health() const;

 private:
  using Page = std::shared_ptr<const ocr::Page>;

  // Of each load. loaded outlives the call.
  http::awaitable<Status> accept(const LoadedModel& loaded);
  using Write = std::function<http::Response(const ocr::Page& page, Format format)>;
  // write() is called on the pool.
  http::awaitable<Result<http::Response>> answer(http::Request request, Write write);
  // What the request's picture says. upload: to be drawn on, where that is wanted.
  http::awaitable<Result<Page>> read(http::Request& request, kit::PictureUpload& upload,
                                     const OcrOptions& options,
                                     std::optional<Priority> priority = {});
  http::awaitable<Result<Page>> read_new(http::Request& request, kit::PictureUpload& upload,
                                         const OcrOptions& options,
                                         std::optional<Priority> priority);
  http::awaitable<Status> live(http::Request request, http::WebSocket& socket);
  boost::json::object models() const;
  ReadBy read_by(const ocr::Page& page) const;

  const OcrConfig& config_;
  kit::Model& model_;
  http::WorkPool& pool_;
  kit::Pictures pictures_;
  kit::Live live_;
  std::shared_ptr<const Networks> networks_;  // of the last load; nullptr before the first
  PageCache cache_;
  Turnstile pages_;
  std::string detection_;            // file name or name of the catalogue
  boost::json::object recognition_;  // the same by language
  OwnMemory memory_;
  std::int64_t loads_ = 0;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace npu::ocr
