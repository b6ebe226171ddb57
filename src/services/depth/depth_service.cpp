#include "services/depth/depth_service.hpp"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include "base/log.hpp"
#include "http/url_fetch.hpp"
#include "media/colormap.hpp"
#include "media/image_decode.hpp"
#include "services/depth/depth_map.hpp"
#include "services/depth/managed_model.hpp"
#include "services/depth/render.hpp"

namespace npu::depth {
namespace asio = boost::asio;
namespace json = boost::json;
using http::awaitable;
using http::Request;
using http::Response;

namespace {

constexpr Millis kWatchInterval = std::chrono::seconds(1);
constexpr Millis kFirstPause = std::chrono::milliseconds(250);
constexpr Millis kLongestPause = std::chrono::seconds(5);

struct Prepared {
  ClientTensor input;
  media::Size picture;
};

Result<Prepared> prepare(const Upload& upload, const DepthConfig& config, ClientTensor input) {
  const Shape& shape = input.shape();
  media::DecodeOptions options;
  options.max_pixels = static_cast<std::uint64_t>(config.max_image_megapixels) * 1'000'000;
  options.cpu_time = Millis(config.max_decode_ms);
  options.channels = static_cast<int>(shape[2]);
  options.apply_orientation = upload.options.auto_orient;
  const media::Size size{static_cast<int>(shape[1]), static_cast<int>(shape[0])};
  const auto bytes = input.writable();
  const auto picture = media::decode_resized(
      upload.image, options, size, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  if (!picture) return fail(picture.error());
  return Prepared{std::move(input), *picture};
}

Result<DepthMap> make_map(const ClientTensor& output, const Prepared& prepared,
                          const EstimateOptions& options) {
  auto plane = plane_of(output.view());
  if (!plane) return fail(plane.error());
  represent(*plane, options.representation);
  DepthMap map(*plane, prepared.picture);
  if (options.normalize) map.normalize();
  return map;
}

constexpr const char* kModelLoading = "model_loading";

// Which errors mean that no request can succeed for now, and what they are called in /health/ready.
// nullptr: the next request may well succeed.
const char* what_is_gone(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnavailable: return "manager_unavailable";
    case ErrorCode::kDeviceLost:
    case ErrorCode::kVersionMismatch: return "device_unavailable";
    case ErrorCode::kInvalidArgument:  // our input: the model is not the one that was loaded
    case ErrorCode::kNotFound:
    case ErrorCode::kPermission:
    case ErrorCode::kDoesNotFit:
    case ErrorCode::kUnsupported:
    case ErrorCode::kMalformed: return kModelLoading;
    default: return nullptr;
  }
}

json::array names_of(std::span<const std::string_view> names) {
  return json::array(names.begin(), names.end());
}

}  // namespace

DepthService::DepthService(const DepthConfig& config, DepthModel& model, http::WorkPool& pool,
                           http::Readiness& readiness, asio::any_io_executor executor)
    : config_(config), model_(model), pool_(pool), readiness_(readiness), wake_(executor) {
  // The configuration's own checks have admitted these names.
  (void)set_format(defaults_, config.format);
  (void)set_colormap(defaults_, config.colormap);
  (void)set_representation(defaults_, config.representation);
  set_normalize(defaults_, config.normalize);
  defaults_.include_stats = config.include_stats;
  defaults_.auto_orient = config.auto_orient;
  limits_ = {.max_image_mb = static_cast<std::size_t>(config.max_image_mb),
             .allow_image_url = config.allow_image_url};
  if (config.allow_image_url) fetch_pool_.emplace(http::WorkPoolOptions{.threads = 4});
  readiness_.set_not_ready(kModelLoading);
}

void DepthService::add_routes(http::Router& router) {
  router.get("/v1/info", [this](Request) -> awaitable<Result<Response>> {
    json::object model{
        {"name", config_.model_name}, {"type", config_.model_type}, {"loaded", loaded_}};
    json::object capabilities{{"monocular", true},
                              {"stereo", config_.model_type == "stereo"},
                              {"output_formats", names_of(kOutputFormatNames)},
                              {"colormaps", names_of(media::kColormapNames)},
                              {"representations", names_of(kRepresentationNames)}};
    json::object body;
    body["service"] = config_.host.name;
    body["version"] = "1.0.0";
    body["model"] = std::move(model);
    body["capabilities"] = std::move(capabilities);
    co_return Response::json(body, 200, http::JsonStyle::kSpaced);
  });
  router.get("/v1/models", [](Request) -> awaitable<Result<Response>> {
    json::object model;
    model["name"] = "scdepthv3";
    model["type"] = "monocular";
    model["description"] = "SC-DepthV3: self-supervised monocular depth estimation";
    json::object body;
    body["models"] = json::array{std::move(model)};
    co_return Response::json(body, 200, http::JsonStyle::kSpaced);
  });
  // A picture as base64 in JSON is a third longer than the picture.
  const std::size_t max_body = (limits_.max_image_mb << 20) / 3 * 4 + (1 << 20);
  router.post("/v1/depth/estimate",
              [this](Request request) { return estimate(std::move(request)); },
              {.max_body = max_body});
}

json::object DepthService::health() const {
  const std::chrono::duration<double> uptime = std::chrono::steady_clock::now() - started_;
  json::object body;
  body["status"] = "ok";
  body["service"] = config_.host.name;
  body["model"] = config_.model_name;
  body["model_type"] = config_.model_type;
  body["model_loaded"] = loaded_;
  body["last_error"] = last_error_ ? json::value(*last_error_) : json::value();
  body["inference_count"] = inferences_;
  body["uptime_seconds"] = uptime.count();
  return body;
}

awaitable<Result<Response>> DepthService::estimate(Request request) {
  const auto begin = std::chrono::steady_clock::now();
  auto upload = co_await http::on(
      pool_, [&] { return parse_upload(request, defaults_, limits_); }, request.turn());
  if (!upload) co_return fail(upload.error());

  std::string fetched;
  if (!upload->url.empty()) {
    auto body = co_await fetch(upload->url, request);
    if (!body) co_return fail(body.error());
    fetched = std::move(*body);
    upload->image = std::as_bytes(std::span(fetched));
  }

  auto memory = model_.allocate_input();
  if (!memory) co_return fail(memory.error());
  const auto prepared = co_await http::on(
      pool_,
      [&] {
        auto input = prepare(*upload, config_, std::move(*memory));
        // A hundred megabytes that nobody needs while the device works.
        request.body = std::string();
        fetched = std::string();
        upload->decoded = std::vector<std::byte>();
        return input;
      },
      request.turn(http::PoolEntry::kContinued));
  if (!prepared) co_return fail(prepared.error());

  const auto output = co_await model_.infer(prepared->input, request.time_left());
  if (!output) {
    log::warning("req={} inference failed: {}", request.id, output.error().message);
    lost(output.error());
    co_return fail(error_for_client(output.error()));
  }
  ++inferences_;
  last_error_.reset();

  co_return co_await http::on(
      pool_,
      [&]() -> Result<Response> {
        auto map = make_map(*output, *prepared, upload->options);
        if (!map) return fail(map.error());
        Estimate estimate{.model = config_.model_name, .model_type = config_.model_type};
        estimate.map = std::move(*map);
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - begin;
        estimate.inference_time_ms = took.count();
        return render(estimate, upload->options);
      },
      request.turn(http::PoolEntry::kContinued));
}

awaitable<Result<std::string>> DepthService::fetch(const std::string& url, const Request& request) {
  const http::FetchOptions options{
      .max_bytes = limits_.max_image_mb << 20,
      .timeout = std::min(Millis(config_.image_url_timeout_ms), request.time_left()),
      .private_hosts = config_.image_url_private_hosts};
  auto body = co_await http::on(
      *fetch_pool_, [&] { return http::fetch_url(url, options, request.stop); }, request.turn());
  if (body) co_return body;
  switch (body.error().code) {
    case ErrorCode::kOverloaded:
    case ErrorCode::kCancelled:
    case ErrorCode::kInternal: co_return body;
    case ErrorCode::kTooLarge:
      co_return fail(check_image_size(options.max_bytes + 1, limits_).error());
    case ErrorCode::kDeadlineExceeded:
      if (options.timeout == Millis(config_.image_url_timeout_ms)) break;
      co_return fail(ErrorCode::kDeadlineExceeded,
                     "the request took longer than this service allows");
    default: break;
  }
  co_return fail(ErrorCode::kInvalidArgument, "Failed to fetch image URL: " + body.error().message);
}

awaitable<void> DepthService::keep_loaded() {
  Millis pause = kFirstPause;
  for (;;) {
    const Status loaded = co_await load_once();
    if (!loaded) {
      wake_.expires_after(pause);
      pause = std::min(pause * 2, kLongestPause);
      (void)co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
      continue;
    }
    pause = kFirstPause;
    while (loaded_) {
      wake_.expires_after(kWatchInterval);
      (void)co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
      if (!loaded_) break;
      if (const Status still = co_await model_.check_loaded(); !still) lost(still.error());
    }
  }
}

awaitable<Status> DepthService::load_once() {
  const Status loaded = co_await model_.load();
  if (loaded) {
    loaded_ = true;
    last_error_.reset();
    readiness_.set_ready();
    log::info("model {} is loaded", config_.model_name);
    co_return loaded;
  }
  if (last_error_ != loaded.error().message) {
    log::warning("cannot load model {}: {}", config_.model_name, loaded.error().message);
  }
  last_error_ = loaded.error().message;
  const char* reason = what_is_gone(loaded.error().code);
  readiness_.set_not_ready(reason != nullptr ? reason : kModelLoading, loaded.error().message);
  co_return loaded;
}

void DepthService::lost(const Error& error) {
  if (error.code != ErrorCode::kCancelled) last_error_ = error.message;
  const char* reason = what_is_gone(error.code);
  if (reason == nullptr || !loaded_) return;
  loaded_ = false;
  readiness_.set_not_ready(reason, error.message);
  log::warning("not ready, {}: {}", reason, error.message);
  wake_.cancel();
}

awaitable<void> DepthService::release() {
  if (loaded_) co_await model_.release();
}

}  // namespace npu::depth
