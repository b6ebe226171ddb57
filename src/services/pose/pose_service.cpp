#include "services/pose/pose_service.hpp"

#include <chrono>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "services/kit/network_outputs.hpp"
#include "services/pose/pose_dialect.hpp"

namespace npu::pose {
namespace json = boost::json;
using http::awaitable;
using http::Request;
using http::Response;

namespace {

using std::chrono::steady_clock;

// For a drawing, or an answer.
struct Found {
  std::vector<Person> people;
  std::string text;
};

}  // namespace

PoseService::PoseService(const PoseConfig& config, kit::Model& model, http::WorkPool& pool)
    : config_(config),
      model_(model),
      pool_(pool),
      pictures_(pool, config.pictures),
      live_(pool, model, pictures_, config.pictures, config.live),
      created_(static_cast<std::int64_t>(unix_seconds(std::chrono::system_clock::now()))) {
  model_.accept_if([this](const LoadedModel& loaded) { return accept(loaded); });
}

Status PoseService::accept(const LoadedModel& model) {
  known_head_ = model.head;
  const auto expected = kit::expected_outputs(model);
  if (!expected) return {};
  const auto head =
      vision::find_pose_head(expected->outputs, expected->input, config_.head_kind(known_head_));
  return head ? Status{} : fail(head.error());
}

void PoseService::add_routes(http::Router& router) {
  router.get("/v1/info", [this](Request) -> awaitable<Result<Response>> {
    co_return Response::json(info(), 200, http::JsonStyle::kSpaced);
  });
  router.get("/v1/models", [this](Request) -> awaitable<Result<Response>> {
    co_return Response::json(models(), 200, http::JsonStyle::kSpaced);
  });
  http::RouteOptions options = pictures_.route();
  options.dialect = &kPoseDialect;
  router.post(
      "/v1/pose/detect", [this](Request request) { return find(std::move(request), detect_text); },
      options);
  router.post(
      "/api/pose", [this](Request request) { return find(std::move(request), plain_text); },
      options);
  router.websocket(
      "/v1/pose/live",
      [this](Request request, http::WebSocket& socket) { return live(std::move(request), socket); },
      live_.route());
}

json::object PoseService::info() const {
  json::object model{{"name", model_.name()}, {"head", config_.head}, {"loaded", model_.loaded()}};
  json::array skeleton;
  for (const auto& [from, to] : kSkeleton) skeleton.push_back(json::array{from, to});
  json::object body;
  body["service"] = "hailo-pose";
  body["version"] = "1.0.0";
  body["model"] = std::move(model);
  body["keypoints"] = json::array(kKeyPointNames.begin(), kKeyPointNames.end());
  body["skeleton"] = std::move(skeleton);
  return body;
}

json::object PoseService::models() const {
  json::object model{{"id", model_.name()},
                     {"object", "model"},
                     {"created", created_},
                     {"owned_by", "hailo"},
                     {"task", "pose-estimation"}};
  json::object body;
  body["data"] = json::array{std::move(model)};
  body["object"] = "list";
  return body;
}

awaitable<Result<Response>> PoseService::find(Request request, Write write) {
  PoseOptions options = config_.defaults;
  const kit::ReadOptions read = [&](kit::Fields& fields) { return read_options(fields, options); };
  kit::take_as_json(request);
  auto upload = co_await pictures_.read(request, read);
  if (!upload) co_return fail(upload.error());
  const auto input = co_await pictures_.fit(request, *upload, model_.picture(), model_.fit());
  if (!input) co_return fail(input.error());
  const auto begin = steady_clock::now();
  const auto output = co_await model_.infer(input->tensor, request);
  if (!output) co_return fail(output.error());
  const auto took = static_cast<std::int64_t>(milliseconds_since(begin));
  const double threshold = options.keypoint_threshold;
  const auto head = config_.head_kind(known_head_);
  auto found = co_await http::on(
      pool_,
      [&]() -> Result<Found> {
        auto people = find_people(*output, input->placed, head, options);
        if (!people) return fail(people.error());
        if (upload->annotated) return Found{std::move(*people), {}};
        return Found{{},
                     write({*people, input->placed.picture, took, threshold, config_.skeleton})};
      },
      request.turn(http::PoolEntry::kContinued));
  if (!found) {
    log::warning({.request = request.id}, "req={} {}", request.id, found.error().message);
    co_return fail(found.error());
  }
  if (upload->annotated) {
    const kit::Draw draw = [&](media::Image& picture) {
      draw_on(picture, found->people, threshold);
    };
    co_return kit::jpeg_response(co_await pictures_.annotate(request, *upload, draw));
  }
  co_return Response::json_text(std::move(found->text));
}

awaitable<Status> PoseService::live(Request request, http::WebSocket& socket) {
  PoseOptions options = config_.defaults;
  kit::Fields fields(request.query);
  if (const Status read = read_options(fields, options); !read) co_return read;
  const double threshold = options.keypoint_threshold;
  const auto head = config_.head_kind(known_head_);
  kit::LiveTask task{.fit = model_.fit()};
  task.find = [&](const InferResult& output,
                  const kit::Placement& placed) -> Result<kit::LiveFinding> {
    auto people = find_people(output, placed, head, options);
    if (!people) return fail(people.error());
    kit::LiveFinding finding{.result =
                                 detect_text({*people, placed.picture, output.inference_time_ms,
                                              threshold, config_.skeleton})};
    finding.draw = [people = std::move(*people), threshold](media::Image& picture) {
      draw_on(picture, people, threshold);
    };
    return finding;
  };
  co_return co_await live_.serve(std::move(request), socket, task);
}

}  // namespace npu::pose
