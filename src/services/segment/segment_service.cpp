#include "services/segment/segment_service.hpp"

#include <memory>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "services/kit/network_outputs.hpp"
#include "services/segment/answer.hpp"
#include "services/segment/drawing.hpp"
#include "services/segment/picture_segments.hpp"

namespace npu::segment {
using http::awaitable;
using http::Request;
using http::Response;

namespace {

// All at once, where nobody waits for a turn between the objects.
Result<std::string> whole_text(AnswerText text) {
  for (;;) {
    const auto more = text.add_some();
    if (!more) return fail(more.error());
    if (!*more) return std::move(text).take();
  }
}

}  // namespace

SegmentService::SegmentService(const SegmentConfig& config, kit::ModelLabels labels,
                               kit::Model& model, http::WorkPool& pool)
    : config_(config),
      labels_(std::move(labels)),
      model_(model),
      pool_(pool),
      pictures_(pool, config.pictures),
      live_(pool, model, pictures_, config.pictures, config.live) {
  model_.accept_if([this](const LoadedModel& loaded) { return accept(loaded); });
}

Status SegmentService::accept(const LoadedModel& model) {
  known_head_ = model.head;
  labels_.learn(model);
  const auto expected = kit::expected_outputs(model);
  if (!expected) return {};
  vision::SegmentOutputs outputs{.floats = expected->outputs};
  if (expected->bytes) outputs.bytes.emplace();
  const auto head =
      vision::find_segment_head(outputs, expected->input, config_.head_kind(known_head_));
  return head ? Status{} : fail(head.error());
}

void SegmentService::add_routes(http::Router& router) {
  router.get("/v1/info",
             [this](Request) -> awaitable<Result<Response>> { co_return Response::json(info()); });
  for (const char* path : {"/v1/segment", "/api/segment"}) {
    router.post(
        path, [this](Request request) { return segment(std::move(request)); }, pictures_.route());
  }
  router.websocket(
      "/v1/segment/live",
      [this](Request request, http::WebSocket& socket) { return live(std::move(request), socket); },
      live_.route());
}

boost::json::object SegmentService::info() const {
  using boost::json::array;
  const auto labels = labels_.now();
  const auto& names = labels->names();
  boost::json::object body;
  body["service"] = "hailo-segment";
  body["version"] = "1.0.0";
  body["model"] = {{"name", model_.name()}, {"head", config_.head}, {"loaded", model_.loaded()}};
  body["mask_formats"] = array(kMaskFormatNames.begin(), kMaskFormatNames.end());
  body["classes"] = array(names.begin(), names.end());
  return body;
}

awaitable<Result<Response>> SegmentService::segment(Request request) {
  const auto labels = labels_.now();
  SegmentOptions options = config_.defaults();
  const kit::ReadOptions read = [&](kit::Fields& fields) {
    return read_options(fields, *labels, options);
  };
  auto upload = co_await pictures_.read(request, read);
  if (!upload) co_return fail(upload.error());
  const auto input = co_await pictures_.fit(request, *upload, model_.picture(), model_.fit());
  if (!input) co_return fail(input.error());
  const auto output = co_await model_.infer(input->tensor, request);
  if (!output) co_return fail(output.error());
  const auto head = config_.head_kind(known_head_);
  const auto turn = request.turn(http::PoolEntry::kContinued);
  const auto found = co_await http::on(
      pool_, [&] { return PictureSegments::find(*output, input->placed, head, options); }, turn);
  if (!found) {
    log::warning({.request = request.id}, "req={} {}", request.id, found.error().message);
    co_return fail(found.error());
  }
  if (upload->annotated) {
    Status drawn;
    const kit::Draw draw = [&](media::Image& picture) {
      drawn = draw_on(picture, **found, *labels, options, max_time());
    };
    auto jpeg = co_await pictures_.annotate(request, *upload, draw);
    if (!drawn) co_return fail(drawn.error());
    co_return kit::jpeg_response(std::move(jpeg));
  }
  AnswerText text(**found, *labels, options, max_time());
  for (bool more = true; more;) {
    const auto added = co_await http::on(pool_, [&] { return text.add_some(); }, turn);
    if (!added) co_return fail(added.error());
    more = *added;
  }
  co_return Response::json_text(std::move(text).take());
}

awaitable<Status> SegmentService::live(Request request, http::WebSocket& socket) {
  const auto labels = labels_.now();
  const auto head = config_.head_kind(known_head_);
  SegmentOptions options = config_.defaults();
  kit::Fields fields(request.query);
  if (const Status read = read_options(fields, *labels, options); !read) co_return read;
  kit::LiveTask task{.fit = model_.fit()};
  task.find = [&](const InferResult& output,
                  const kit::Placement& placed) -> Result<kit::LiveFinding> {
    auto found = PictureSegments::find(output, placed, head, options);
    if (!found) return fail(found.error());
    const std::shared_ptr<PictureSegments> segments = std::move(*found);
    auto text = whole_text(AnswerText(*segments, *labels, options, max_time()));
    if (!text) return fail(text.error());
    kit::LiveFinding finding{.result = std::move(*text)};
    // A frame whose masks take too long to draw is shown without the best of them.
    finding.draw = [this, labels, segments, &options](media::Image& picture) {
      (void)draw_on(picture, *segments, *labels, options, max_time());
    };
    return finding;
  };
  co_return co_await live_.serve(std::move(request), socket, task);
}

}  // namespace npu::segment
