#include "services/segment/segment_service.hpp"

#include <utility>

#include "base/log.hpp"
#include "services/segment/answer.hpp"
#include "services/segment/drawing.hpp"
#include "services/segment/picture_segments.hpp"

namespace npu::segment {
using http::awaitable;
using http::Request;
using http::Response;

SegmentService::SegmentService(const SegmentConfig& config, kit::Labels labels, kit::Model& model,
                               http::WorkPool& pool)
    : config_(config),
      labels_(std::move(labels)),
      model_(model),
      pool_(pool),
      pictures_(pool, config.pictures) {}

void SegmentService::add_routes(http::Router& router) {
  router.get("/v1/info",
             [this](Request) -> awaitable<Result<Response>> { co_return Response::json(info()); });
  for (const char* path : {"/v1/segment", "/api/segment"}) {
    router.post(
        path, [this](Request request) { return segment(std::move(request)); }, pictures_.route());
  }
}

boost::json::object SegmentService::info() const {
  using boost::json::array;
  const auto& names = labels_.names();
  boost::json::object body;
  body["service"] = "hailo-segment";
  body["version"] = "1.0.0";
  body["model"] = {{"name", model_.name()}, {"head", config_.head}, {"loaded", model_.loaded()}};
  body["mask_formats"] = array(kMaskFormatNames.begin(), kMaskFormatNames.end());
  body["classes"] = array(names.begin(), names.end());
  return body;
}

awaitable<Result<Response>> SegmentService::segment(Request request) {
  SegmentOptions options = config_.defaults();
  const kit::ReadOptions read = [&](kit::Fields& fields) {
    return read_options(fields, labels_, options);
  };
  auto upload = co_await pictures_.read(request, read);
  if (!upload) co_return fail(upload.error());
  const kit::FitOptions fit{.fit = kit::Fit::kLetterbox};
  const auto input = co_await pictures_.fit(request, *upload, model_.picture(), fit);
  if (!input) co_return fail(input.error());
  const auto output = co_await model_.infer(input->tensor, request);
  if (!output) co_return fail(output.error());
  const auto turn = request.turn(http::PoolEntry::kContinued);
  const auto found = co_await http::on(
      pool_,
      [&] { return PictureSegments::find(*output, input->placed, config_.head_kind(), options); },
      turn);
  if (!found) {
    log::warning("req={} {}", request.id, found.error().message);
    co_return fail(found.error());
  }
  const Millis max_time(config_.max_mask_ms);
  if (upload->annotated) {
    Status drawn;
    const kit::Draw draw = [&](media::Image& picture) {
      drawn = draw_on(picture, **found, labels_, options, max_time);
    };
    auto jpeg = co_await pictures_.annotate(request, *upload, draw);
    if (!drawn) co_return fail(drawn.error());
    co_return kit::jpeg_response(std::move(jpeg));
  }
  AnswerText text(**found, labels_, options, max_time);
  for (bool more = true; more;) {
    const auto added = co_await http::on(pool_, [&] { return text.add_some(); }, turn);
    if (!added) co_return fail(added.error());
    more = *added;
  }
  co_return Response::json_text(std::move(text).take());
}

}  // namespace npu::segment
