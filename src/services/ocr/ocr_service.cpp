#include "services/ocr/ocr_service.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "services/kit/failures.hpp"
#include "services/ocr/ocr_dialect.hpp"
#include "services/ocr/page_reader.hpp"
#include "services/ocr/service_calls.hpp"
#include "store/sha256.hpp"

namespace npu::ocr {
namespace json = boost::json;
using http::awaitable;
using http::Request;
using http::Response;

namespace {

std::string name_in(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

// Of the picture and of what counts in reading it.
std::string key_of(const kit::PictureUpload& upload, const OcrOptions& options) {
  store::Sha256 sum;
  sum.add(upload.image);
  std::string key = sum.finish();
  const auto& map = options.map;
  fmt::format_to(std::back_inserter(key), " {} {} {} {} {} {} {}", upload.auto_orient,
                 map.pixel_threshold, map.box_threshold, map.unclip_ratio, map.min_side,
                 options.rec_threshold, options.classify_angle);
  for (const std::string& language : options.languages) key += " " + language;
  return key;
}

}  // namespace

OcrService::OcrService(const OcrConfig& config, const kit::ModelRules& rules, kit::Model& model,
                       http::WorkPool& pool)
    : config_(config),
      model_(model),
      pool_(pool),
      pictures_(pool, config.pictures),
      live_(pool, model, pictures_, config.pictures, config.live),
      cache_(static_cast<std::size_t>(config.cache.max_mb) << 20,
             std::chrono::seconds(config.cache.ttl_seconds)),
      pages_(static_cast<std::size_t>(config.max_pages)),
      detection_(name_in(rules.path)) {
  if (rules.params) {
    for (const auto& [language, path] : rules.params->at("recognition_hefs").as_object()) {
      recognition_[language] = name_in(std::string(path.as_string()));
    }
  }
  model_.accept_when([this](const LoadedModel& loaded) { return accept(loaded); });
}

awaitable<Status> OcrService::accept(const LoadedModel& loaded) {
  ++loads_;
  // A recogniser of Chinese names thousands of characters.
  auto networks = co_await http::on(
      pool_, [&] { return Networks::of(loaded); },
      http::PoolTurn({}, {}, http::PoolEntry::kContinued));
  if (!networks) co_return fail(networks.error());
  networks_ = std::make_shared<const Networks>(std::move(*networks));
  co_return Status{};
}

void OcrService::add_routes(http::Router& router) {
  router.get("/models", [this](Request) -> awaitable<Result<Response>> {
    co_return Response::json(models(), 200, http::JsonStyle::kSpaced);
  });
  router.get("/cache/stats", [this](Request) -> awaitable<Result<Response>> {
    co_return Response::json({{"enabled", config_.cache.enabled}, {"items_cached", cache_.size()}},
                             200, http::JsonStyle::kSpaced);
  });
  http::RouteOptions options = pictures_.route();
  options.dialect = &kOcrDialect;
  router.post(
      "/v1/ocr/extract",
      [this](Request request) {
        return answer(std::move(request), [this](const ocr::Page& page, Format format) {
          return Response::bytes(document(page, format, read_by(page)), content_type(format));
        });
      },
      options);
  router.post(
      "/api/ocr",
      [this](Request request) {
        return answer(std::move(request), [](const ocr::Page& page, Format) {
          return Response::json_text(plain_list(page));
        });
      },
      options);
  router.websocket(
      "/v1/ocr/live",
      [this](Request request, http::WebSocket& socket) { return live(std::move(request), socket); },
      live_.route());
}

json::object OcrService::health() const {
  const auto languages = networks_ ? networks_->languages() : std::vector<std::string>();
  const auto uptime = std::chrono::steady_clock::now() - started_;
  json::object body;
  body["status"] = "ok";
  body["service"] = "hailo-ocr";
  body["models_loaded"] = model_.loaded();
  body["languages_supported"] = json::array(languages.begin(), languages.end());
  body["memory_usage_mb"] = memory_.resident_bytes().value_or(0) >> 20;
  body["uptime_seconds"] = std::chrono::duration_cast<std::chrono::seconds>(uptime).count();
  body["model_loads"] = loads_;
  body["hailo_device"] = config_.device;
  return body;
}

json::object OcrService::models() const {
  const char* status = model_.loaded() ? "loaded" : "pending";
  json::array data{
      {{"id", "detection"}, {"name", detection_}, {"type", "detection"}, {"status", status}}};
  for (const auto& [language, name] : recognition_) {
    data.push_back({{"id", "recognition_" + std::string(language)},
                    {"name", name},
                    {"type", "recognition"},
                    {"language", language},
                    {"status", status}});
  }
  json::object body;
  body["data"] = std::move(data);
  body["object"] = "list";
  return body;
}

ReadBy OcrService::read_by(const ocr::Page& page) const {
  std::string language = page.regions.empty() ? "en" : page.regions.front().language;
  const auto* name = recognition_.if_contains(language);
  return {.device = config_.device,
          .detection = detection_,
          .recognition = name != nullptr ? std::string(name->as_string()) : std::string()};
}

awaitable<Result<OcrService::Page>> OcrService::read(Request& request, kit::PictureUpload& upload,
                                                     const OcrOptions& options,
                                                     std::optional<Priority> priority) {
  if (!config_.cache.enabled) co_return co_await read_new(request, upload, options, priority);
  const auto key = co_await http::on(
      pool_, [&] { return key_of(upload, options); }, request.turn(http::PoolEntry::kContinued));
  if (!key) co_return fail(key.error());
  if (auto known = cache_.find(*key, std::chrono::steady_clock::now())) co_return known;
  auto page = co_await read_new(request, upload, options, priority);
  if (page) cache_.add(*key, *page, std::chrono::steady_clock::now());
  co_return page;
}

awaitable<Result<OcrService::Page>> OcrService::read_new(Request& request,
                                                         kit::PictureUpload& upload,
                                                         const OcrOptions& options,
                                                         std::optional<Priority> priority) {
  const auto place = co_await pages_.enter();
  if (!place) co_return fail(place.error());
  const auto picture = co_await pictures_.decode(request, upload);
  if (!picture) co_return fail(picture.error());
  const auto networks = networks_;  // also where others are loaded meanwhile
  if (networks == nullptr) co_return fail(kit::being_loaded());
  const ServiceCalls calls(model_, pool_, request, priority);
  auto page = co_await read_page(calls, *networks, config_.tiles, *picture, options);
  if (!page) co_return fail(page.error());
  co_return std::make_shared<const ocr::Page>(std::move(*page));
}

awaitable<Result<Response>> OcrService::answer(Request request, Write write) {
  OcrOptions options = config_.defaults;
  const kit::ReadOptions read_fields = [&](kit::Fields& fields) {
    return read_options(fields, options);
  };
  kit::take_as_json(request);
  auto upload = co_await pictures_.read(request, read_fields);
  if (!upload) co_return fail(upload.error());
  const auto page = co_await read(request, *upload, options);
  if (!page) co_return fail(page.error());
  if (upload->annotated) {
    const kit::Draw draw = [&](media::Image& picture) { draw_on(picture, **page); };
    co_return kit::jpeg_response(co_await pictures_.annotate(request, *upload, draw));
  }
  co_return co_await http::on(
      pool_, [&]() -> Result<Response> { return write(**page, options.format); },
      request.turn(http::PoolEntry::kContinued));
}

awaitable<Status> OcrService::live(Request request, http::WebSocket& socket) {
  OcrOptions options = config_.defaults;
  kit::Fields fields(request.query);
  if (const Status read = read_options(fields, options); !read) co_return read;
  kit::LiveTask task;
  task.examine = [&](Request& frame,
                     kit::PictureUpload& upload) -> awaitable<Result<kit::LiveFinding>> {
    const auto page = co_await read_new(frame, upload, options, Priority::kRealtime);
    if (!page) co_return fail(page.error());
    kit::LiveFinding finding{.result = extract_text(**page, read_by(**page))};
    finding.draw = [page = *page](media::Image& picture) { draw_on(picture, *page); };
    finding.model_ms = (*page)->total_ms;
    co_return finding;
  };
  co_return co_await live_.serve(std::move(request), socket, task);
}

}  // namespace npu::ocr
