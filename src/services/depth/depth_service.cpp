#include "services/depth/depth_service.hpp"

#include <span>

#include "base/clock.hpp"
#include "media/colormap.hpp"
#include "media/jpeg_encode.hpp"
#include "services/depth/depth_map.hpp"
#include "services/depth/render.hpp"
#include "services/kit/app.hpp"

namespace npu::depth {
namespace json = boost::json;
using http::awaitable;
using http::Request;
using http::Response;

namespace {

constexpr const char* kService = "hailo-depth";

Result<DepthMap> make_map(const InferResult& result, media::Size picture,
                          const EstimateOptions& options) {
  const auto output = kit::first_tensor(result);
  if (!output) return fail(output.error());
  auto plane = plane_of(output->view());
  if (!plane) return fail(plane.error());
  represent(*plane, options.representation);
  DepthMap map(*plane, picture);
  if (options.normalize) map.normalize();
  return map;
}

json::array names_of(std::span<const std::string_view> names) {
  return json::array(names.begin(), names.end());
}

json::object models() {
  json::object model;
  model["name"] = "scdepthv3";
  model["type"] = "monocular";
  model["description"] = "SC-DepthV3: self-supervised monocular depth estimation";
  json::object body;
  body["models"] = json::array{std::move(model)};
  return body;
}

}  // namespace

DepthService::DepthService(const DepthConfig& config, kit::Model& model, http::WorkPool& pool)
    : config_(config),
      model_(model),
      pool_(pool),
      pictures_(pool, config.pictures),
      live_(pool, model, pictures_, config.pictures, config.live),
      defaults_(config.defaults()) {}

void DepthService::add_routes(http::Router& router) {
  router.get("/v1/info", [this](Request) -> awaitable<Result<Response>> {
    co_return Response::json(info(), 200, http::JsonStyle::kSpaced);
  });
  router.get("/v1/models", [](Request) -> awaitable<Result<Response>> {
    co_return Response::json(models(), 200, http::JsonStyle::kSpaced);
  });
  for (const char* path : {"/v1/depth/estimate", "/api/depth"}) {
    router.post(
        path, [this](Request request) { return estimate(std::move(request)); }, pictures_.route());
  }
  router.websocket(
      "/v1/depth/live",
      [this](Request request, http::WebSocket& socket) { return live(std::move(request), socket); },
      live_.route());
}

json::object DepthService::info() const {
  json::object model{
      {"name", model_.name()}, {"type", config_.model_type}, {"loaded", model_.loaded()}};
  json::object capabilities{{"monocular", true},
                            {"stereo", config_.model_type == "stereo"},
                            {"output_formats", names_of(kOutputFormatNames)},
                            {"colormaps", names_of(media::kColormapNames)},
                            {"representations", names_of(kRepresentationNames)}};
  json::object body;
  body["service"] = kService;
  body["version"] = "1.0.0";
  body["model"] = std::move(model);
  body["capabilities"] = std::move(capabilities);
  return body;
}

json::object DepthService::health() const {
  return kit::health_of(kService, model_, {{"model_type", config_.model_type}});
}

awaitable<Result<Response>> DepthService::estimate(Request request) {
  const auto begin = std::chrono::steady_clock::now();
  EstimateOptions options = defaults_;
  auto upload = co_await pictures_.read(
      request, [&](kit::Fields& fields) { return read_options(fields, options); });
  if (!upload) co_return fail(upload.error());
  const auto input = co_await pictures_.fit(request, *upload, model_.picture());
  if (!input) co_return fail(input.error());
  const auto output = co_await model_.infer(input->tensor, request);
  if (!output) co_return fail(output.error());
  if (upload->annotated) {
    co_return kit::jpeg_response(co_await http::on(
        pool_,
        [&]() -> Result<std::string> {
          const auto map = make_map(*output, input->placed.picture, options);
          if (!map) return fail(map.error());
          return media::encode_jpeg(colour_picture(*map, options.colormap));
        },
        request.turn(http::PoolEntry::kContinued)));
  }
  co_return co_await kit::in_bands(pool_, request, "application/json; charset=utf-8",
                                   [&]() -> Result<std::unique_ptr<kit::Bands>> {
                                     auto map = make_map(*output, input->placed.picture, options);
                                     if (!map) return fail(map.error());
                                     Estimate estimate{.model = model_.name(),
                                                       .model_type = config_.model_type};
                                     estimate.map = std::move(*map);
                                     estimate.inference_time_ms = milliseconds_since(begin);
                                     return EstimateText::make(std::move(estimate), options);
                                   });
}

awaitable<Status> DepthService::live(Request request, http::WebSocket& socket) {
  EstimateOptions options = defaults_;
  kit::Fields fields(request.query);
  if (const Status read = read_options(fields, options); !read) co_return read;
  kit::LiveTask task;
  task.find = [&](const InferResult& output,
                  const kit::Placement& placed) -> Result<kit::LiveFinding> {
    auto map = make_map(output, placed.picture, options);
    if (!map) return fail(map.error());
    kit::LiveFinding finding{.result = live_text(*map)};
    finding.picture = [map = std::move(*map), colormap = options.colormap] {
      return colour_picture(map, colormap);
    };
    return finding;
  };
  co_return co_await live_.serve(std::move(request), socket, task);
}

}  // namespace npu::depth
