#include "services/face/scrfd_service.hpp"

#include <utility>

#include "json/write.hpp"
#include "media/jpeg_encode.hpp"
#include "services/face/align.hpp"
#include "services/face/answer.hpp"
#include "services/face/flask_dialect.hpp"

namespace npu::face {
namespace json = boost::json;
using http::awaitable;
using http::Request;
using http::Response;

namespace {

json::object detect_json(const FoundFaces& found, const std::string& model, bool points) {
  json::array faces;
  for (const Face& face : found.faces) {
    json::object one{{"bbox", box_json(face.box)}, {"confidence", digits(face.score)}};
    if (points) one["landmarks"] = points_json(face.points);
    faces.push_back(std::move(one));
  }
  const std::size_t count = faces.size();
  return {{"faces", std::move(faces)},
          {"inference_time_ms", found.inference_time_ms},
          {"model", model},
          {"num_faces", count}};
}

std::string live_text(const FoundFaces& found, const std::string& model) {
  return npu::json::write(detect_json(found, model, true));
}

// Nothing of a face whose points are one point.
Result<json::array> aligned_faces(const media::Image& picture, std::span<const Face> faces) {
  json::array list;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const auto onto = fit_similarity(faces[i].points, kTemplate);
    if (!onto) continue;
    const auto jpeg = media::encode_jpeg(cut_out(picture, *onto));
    if (!jpeg) return fail(jpeg.error());
    list.push_back({{"aligned_image", jpeg_uri(*jpeg)},
                    {"bbox", box_json(faces[i].box)},
                    {"confidence", digits(faces[i].score)},
                    {"face_id", i}});
  }
  return list;
}

}  // namespace

ScrfdService::ScrfdService(const DetectorConfig& config, kit::Model& model, http::WorkPool& pool)
    : config_(config), detector_(config, model, pool) {}

void ScrfdService::add_routes(http::Router& router) {
  router.post(
      "/v1/detect", [this](Request request) { return detect(std::move(request)); },
      detector_.route());
  router.post(
      "/v1/align", [this](Request request) { return align(std::move(request)); },
      detector_.route());
  detector_.add_live(router, "/v1/detect/live", live_text);
}

json::object ScrfdService::health() const {
  const kit::Model& model = detector_.model();
  return {{"model", model.name()},
          {"model_loaded", model.loaded()},
          {"service", "hailo-scrfd"},
          {"status", "healthy"}};
}

awaitable<Result<Response>> ScrfdService::detect(Request request) {
  FaceOptions options = config_.defaults;
  bool points = true;
  bool annotate = false;
  const kit::ReadOptions read = [&](kit::Fields& fields) {
    fields.flag("return_landmarks", points);
    fields.flag("annotate", annotate);
    return read_options(fields, options);
  };
  auto upload = co_await detector_.read(request, read);
  if (!upload) co_return fail(upload.error());
  const bool jpeg_alone = upload->annotated;
  upload->annotated |= annotate;
  const auto found = co_await detector_.find(request, *upload, options);
  if (!found) co_return fail(found.error());
  if (!upload->annotated) {
    co_return flask_json(detect_json(*found, detector_.model().name(), points));
  }
  const kit::Draw draw = [&](media::Image& picture) { draw_on(picture, found->faces); };
  auto jpeg = co_await detector_.pictures().annotate(request, *upload, draw);
  if (jpeg_alone || !jpeg) co_return kit::jpeg_response(std::move(jpeg));
  json::object body{{"annotated_image", jpeg_uri(*jpeg)}};
  for (const auto& field : detect_json(*found, detector_.model().name(), points)) {
    body[field.key()] = field.value();
  }
  co_return flask_json(body);
}

awaitable<Result<Response>> ScrfdService::align(Request request) {
  FaceOptions options = config_.defaults;
  const kit::ReadOptions read = [&](kit::Fields& fields) { return read_options(fields, options); };
  auto upload = co_await detector_.read(request, read);
  if (!upload) co_return fail(upload.error());
  upload->annotated = true;  // the whole picture is wanted once more
  const auto found = co_await detector_.find(request, *upload, options);
  if (!found) co_return fail(found.error());
  json::array faces;
  const kit::Pictures::Use use = [&](media::Image& picture) -> Status {
    auto list = aligned_faces(picture, found->faces);
    if (!list) return fail(list.error());
    faces = std::move(*list);
    return {};
  };
  const Status used = co_await detector_.pictures().whole(request, *upload, use);
  if (!used) co_return fail(used.error());
  const std::size_t count = faces.size();
  co_return flask_json(
      {{"faces", std::move(faces)}, {"model", detector_.model().name()}, {"num_faces", count}});
}

}  // namespace npu::face
