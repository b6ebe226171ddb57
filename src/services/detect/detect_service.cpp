#include "services/detect/detect_service.hpp"

#include <chrono>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "services/detect/answer.hpp"
#include "services/kit/deepstack.hpp"
#include "services/kit/network_outputs.hpp"

namespace npu::detect {
namespace json = boost::json;
using http::awaitable;
using http::Request;
using http::Response;

DetectService::DetectService(const DetectConfig& config, kit::ModelLabels labels, kit::Model& model,
                             http::WorkPool& pool)
    : config_(config),
      labels_(std::move(labels)),
      model_(model),
      pool_(pool),
      pictures_(pool, config.pictures),
      live_(pool, model, pictures_, config.pictures, config.live) {
  model_.accept_if([this](const LoadedModel& loaded) { return accept(loaded); });
}

Status DetectService::accept(const LoadedModel& model) {
  known_head_ = model.head;
  labels_.learn(model);
  const auto expected = kit::expected_outputs(model);
  if (!expected) return {};
  const auto head =
      vision::find_head(expected->outputs, expected->input, config_.head_kind(known_head_));
  return head ? Status{} : fail(head.error());
}

DetectService::Find DetectService::finder() const {
  return [this, head = config_.head_kind(known_head_)](const InferResult& result,
                                                       const kit::Placement& placed) {
    return find_objects(result, placed, head, config_.defaults);
  };
}

void DetectService::add_routes(http::Router& router) {
  router.get("/v1/info",
             [this](Request) -> awaitable<Result<Response>> { co_return Response::json(info()); });
  for (const char* path : {"/v1/detect", "/api/detect"}) {
    router.post(
        path, [this](Request request) { return detect(std::move(request)); }, pictures_.route());
  }
  http::RouteOptions options = pictures_.route();
  options.dialect = &kit::kDeepStackDialect;
  router.post(
      "/v1/vision/detection", [this](Request request) { return deepstack(std::move(request)); },
      options);
  router.websocket(
      "/v1/detect/live",
      [this](Request request, http::WebSocket& socket) { return live(std::move(request), socket); },
      live_.route());
}

json::object DetectService::info() const {
  json::object model{{"name", model_.name()}, {"head", config_.head}, {"loaded", model_.loaded()}};
  const auto labels = labels_.now();
  const auto& names = labels->names();
  json::object body;
  body["service"] = "hailo-detect";
  body["version"] = "1.0.0";
  body["model"] = std::move(model);
  body["classes"] = json::array(names.begin(), names.end());
  return body;
}

awaitable<Result<std::vector<Found>>> DetectService::find(Request& request,
                                                          kit::PictureUpload& upload,
                                                          const DetectOptions& options) {
  const auto input = co_await pictures_.fit(request, upload, model_.picture(), model_.fit());
  if (!input) co_return fail(input.error());
  const auto output = co_await model_.infer(input->tensor, request);
  if (!output) co_return fail(output.error());
  const auto head = config_.head_kind(known_head_);
  auto found = co_await http::on(
      pool_, [&] { return find_objects(*output, input->placed, head, options); },
      request.turn(http::PoolEntry::kContinued));
  if (!found) log::warning({.request = request.id}, "req={} {}", request.id, found.error().message);
  co_return found;
}

awaitable<Result<Response>> DetectService::detect(Request request) {
  const auto labels = labels_.now();
  DetectOptions options = config_.defaults;
  const kit::ReadOptions read = [&](kit::Fields& fields) {
    return read_options(fields, *labels, options);
  };
  auto upload = co_await pictures_.read(request, read);
  if (!upload) co_return fail(upload.error());
  const auto found = co_await find(request, *upload, options);
  if (!found) co_return fail(found.error());
  if (upload->annotated) {
    const kit::Draw draw = [&](media::Image& picture) { draw_on(picture, *found, *labels); };
    co_return kit::jpeg_response(co_await pictures_.annotate(request, *upload, draw));
  }
  co_return Response::json_text(answer_text(*found, *labels, options));
}

awaitable<Result<Response>> DetectService::deepstack(Request request) {
  const auto begin = std::chrono::steady_clock::now();
  const auto labels = labels_.now();
  DetectOptions options = config_.defaults;
  const kit::ReadOptions read = [&](kit::Fields& fields) {
    return read_deepstack_options(fields, options);
  };
  auto upload = co_await pictures_.read(request, read);
  if (!upload) co_return fail(upload.error());
  const auto found = co_await find(request, *upload, options);
  if (!found) co_return fail(found.error());
  const auto took = static_cast<std::int64_t>(milliseconds_since(begin));
  co_return Response::json_text(deepstack_text(*found, *labels, took));
}

awaitable<Status> DetectService::live(Request request, http::WebSocket& socket) {
  const auto labels = labels_.now();
  const auto head = config_.head_kind(known_head_);
  DetectOptions options = config_.defaults;
  kit::Fields fields(request.query);
  if (const Status read = read_options(fields, *labels, options); !read) co_return read;
  kit::LiveTask task{.fit = model_.fit()};
  task.find = [&](const InferResult& output,
                  const kit::Placement& placed) -> Result<kit::LiveFinding> {
    auto found = find_objects(output, placed, head, options);
    if (!found) return fail(found.error());
    kit::LiveFinding finding{.result = answer_text(*found, *labels, options)};
    finding.draw = [labels, found = std::move(*found)](media::Image& picture) {
      draw_on(picture, found, *labels);
    };
    return finding;
  };
  co_return co_await live_.serve(std::move(request), socket, task);
}

}  // namespace npu::detect
