#include "services/face/detector.hpp"

#include <chrono>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "services/face/answer.hpp"
#include "services/face/flask_dialect.hpp"
#include "services/kit/network_outputs.hpp"

namespace npu::face {
using http::awaitable;
using http::Request;

Detector::Detector(const DetectorConfig& config, kit::Model& model, http::WorkPool& pool)
    : config_(config),
      model_(model),
      pool_(pool),
      pictures_(pool, config.pictures),
      live_(pool, model, pictures_, config.pictures, config.live) {
  model_.accept_if([this](const LoadedModel& loaded) { return accept(loaded); });
}

Status Detector::accept(const LoadedModel& model) {
  known_head_ = model.head;
  const auto expected = kit::expected_outputs(model);
  if (!expected) return {};
  const auto head =
      vision::find_face_head(expected->outputs, expected->input, config_.head_kind(known_head_));
  return head ? Status{} : fail(head.error());
}

http::RouteOptions Detector::route() const {
  http::RouteOptions options = pictures_.route();
  options.dialect = &kFlaskDialect;
  return options;
}

awaitable<Result<kit::PictureUpload>> Detector::read(Request& request,
                                                     kit::ReadOptions read_options) {
  kit::take_as_json(request);
  co_return co_await pictures_.read(request, std::move(read_options));
}

awaitable<Result<FoundFaces>> Detector::find(Request& request, kit::PictureUpload& upload,
                                             const FaceOptions& options) {
  const auto input = co_await pictures_.fit(request, upload, model_.picture(), model_.fit());
  if (!input) co_return fail(input.error());
  const auto begin = std::chrono::steady_clock::now();
  const auto output = co_await model_.infer(input->tensor, request);
  if (!output) co_return fail(output.error());
  const double took = milliseconds_since(begin);
  const auto head = config_.head_kind(known_head_);
  auto faces = co_await http::on(
      pool_, [&] { return find_faces(*output, input->placed, head, options); },
      request.turn(http::PoolEntry::kContinued));
  if (!faces) {
    log::warning({.request = request.id}, "req={} {}", request.id, faces.error().message);
    co_return fail(faces.error());
  }
  co_return FoundFaces{std::move(*faces), input->placed.picture, took};
}

void Detector::add_live(http::Router& router, const std::string& path, Text text) {
  router.websocket(
      path,
      [this, text](Request request, http::WebSocket& socket) {
        return live(std::move(request), socket, text);
      },
      live_.route());
}

awaitable<Status> Detector::live(Request request, http::WebSocket& socket, Text text) {
  FaceOptions options = config_.defaults;
  kit::Fields fields(request.query);
  if (const Status read = read_options(fields, options); !read) co_return read;
  const auto head = config_.head_kind(known_head_);
  kit::LiveTask task{.fit = model_.fit()};
  task.find = [&](const InferResult& output,
                  const kit::Placement& placed) -> Result<kit::LiveFinding> {
    auto faces = find_faces(output, placed, head, options);
    if (!faces) return fail(faces.error());
    FoundFaces found{std::move(*faces), placed.picture,
                     static_cast<double>(output.inference_time_ms)};
    kit::LiveFinding finding{.result = text(found, model_.name())};
    finding.draw = [faces = std::move(found.faces)](media::Image& picture) {
      draw_on(picture, faces);
    };
    return finding;
  };
  co_return co_await live_.serve(std::move(request), socket, task);
}

}  // namespace npu::face
