#include "services/face/face_service.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "json/write.hpp"
#include "services/face/align.hpp"
#include "services/face/answer.hpp"
#include "services/face/deepstack_faces.hpp"
#include "services/face/face_fields.hpp"
#include "services/face/flask_dialect.hpp"

namespace npu::face {
namespace json = boost::json;
using http::awaitable;
using http::Request;
using http::Response;

namespace {

json::object found_json(const FoundFaces& found, bool points) {
  json::array faces;
  for (const Face& face : found.faces) {
    json::object one{{"bbox", box_json(face.box)}, {"confidence", digits(face.score)}};
    // Null is what the Python project always has.
    one["landmarks"] = points ? json::value(points_json(face.points)) : json::value();
    faces.push_back(std::move(one));
  }
  const std::size_t count = faces.size();
  return {{"count", count},
          {"faces", std::move(faces)},
          {"inference_time_ms", found.inference_time_ms}};
}

std::string live_text(const FoundFaces& found, const std::string&) {
  return npu::json::write(found_json(found, true));
}

// The one whose face is largest: who is enrolled stands in front.
std::size_t largest(std::span<const Face> faces) {
  const auto area = [](const Face& face) {
    return (face.box.to.x - face.box.from.x) * (face.box.to.y - face.box.from.y);
  };
  return static_cast<std::size_t>(std::ranges::max_element(faces, {}, area) - faces.begin());
}

tl::unexpected<Error> no_face() { return fail(ErrorCode::kInvalidArgument, "No face detected"); }

media::Image aligned_of(const media::Image& picture, const Face& face) {
  const auto onto = fit_similarity(face.points, kTemplate);
  return cut_out(picture, onto ? *onto : square_of(face.box));
}

}  // namespace

FaceService::FaceService(const FaceConfig& config, kit::Model& detector, kit::ModelSet& models,
                         http::WorkPool& pool)
    : config_(config),
      detector_(config.detector, detector, pool),
      recogniser_(config.recogniser, models),
      database_(config.database) {
  database_.open();
}

void FaceService::add_routes(http::Router& router) {
  const http::RouteOptions picture = detector_.route();
  const http::RouteOptions small{.dialect = &kFlaskDialect};
  using Handle = Reply (FaceService::*)(Request);
  const auto handler = [this](Handle handle) {
    return [this, handle](Request request) { return (this->*handle)(std::move(request)); };
  };
  router.post("/v1/detect", handler(&FaceService::detect), picture);
  router.post("/v1/embed", handler(&FaceService::embed), picture);
  router.post("/v1/recognize", handler(&FaceService::recognize), picture);
  router.post("/api/faces", handler(&FaceService::faces), picture);
  router.post("/v1/database/add", handler(&FaceService::add), picture);
  router.post("/v1/database/remove", handler(&FaceService::remove), small);
  router.get("/v1/database/list", handler(&FaceService::list), small);
  router.get("/v1/database/export", handler(&FaceService::export_one), small);
  detector_.add_live(router, "/v1/detect/live", live_text);
  add_deepstack_routes(*this, router);
}

json::object FaceService::health() const {
  const kit::Model& model = detector_.model();
  return {{"database_enabled", database_.enabled()},
          {"detection_model", model.name()},
          {"model_loaded", model.loaded()},
          {"recognition_model", recogniser_.model()},
          {"service", "hailo-face"},
          {"status", "healthy"}};
}

awaitable<Result<SeenFaces>> FaceService::see(Request& request, kit::PictureUpload& upload,
                                              const FaceOptions& options) {
  upload.annotated = true;  // the whole picture is wanted once more
  auto found = co_await detector_.find(request, upload, options);
  if (!found) co_return fail(found.error());
  SeenFaces seen{std::move(*found), {}};
  if (seen.found.faces.empty()) co_return seen;
  const kit::Pictures::Use use = [&](media::Image& picture) -> Status {
    for (const Face& face : seen.found.faces) seen.aligned.push_back(aligned_of(picture, face));
    return {};
  };
  const Status used = co_await detector_.pictures().whole(request, upload, use);
  if (!used) co_return fail(used.error());
  co_return seen;
}

awaitable<Result<SeenFaces>> FaceService::see_one(Request& request, kit::PictureUpload& upload,
                                                  const std::optional<kit::Box>& box) {
  if (!box) {
    auto seen = co_await see(request, upload, config_.detector.defaults);
    if (!seen) co_return seen;
    if (seen->found.faces.empty()) co_return no_face();
    const std::size_t chosen = largest(seen->found.faces);
    std::swap(seen->found.faces.front(), seen->found.faces[chosen]);
    std::swap(seen->aligned.front(), seen->aligned[chosen]);
    co_return seen;
  }
  SeenFaces seen;
  const kit::Pictures::Use use = [&](media::Image& picture) -> Status {
    const bool within = box->from.x < picture.width() && box->from.y < picture.height() &&
                        box->to.x > 0 && box->to.y > 0;
    if (!within) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("bbox must reach into the picture, which has {} x {} pixels",
                              picture.width(), picture.height()));
    }
    seen.found.picture = {picture.width(), picture.height()};
    seen.aligned.push_back(cut_out(picture, square_of(*box)));
    return {};
  };
  const Status used = co_await detector_.pictures().whole(request, upload, use);
  if (!used) co_return fail(used.error());
  seen.found.faces.push_back({.box = *box, .score = 1, .points = {}});
  co_return seen;
}

awaitable<Result<Matches>> FaceService::recognise(const Request& request, const SeenFaces& seen,
                                                  double threshold) {
  const auto embeddings = co_await recogniser_.embed(request, seen.aligned);
  if (!embeddings) co_return fail(embeddings.error());
  const std::vector<std::span<const float>> queries(embeddings->begin(), embeddings->end());
  co_return co_await database_.use(request, [&](FaceStore& store) {
    return store.match(queries, recogniser_.model(), threshold);
  });
}

awaitable<Result<Response>> FaceService::detect(Request request) {
  FaceOptions options = config_.detector.defaults;
  bool points = false;
  const kit::ReadOptions read = [&](kit::Fields& fields) {
    fields.flag("return_landmarks", points);
    return read_options(fields, options);
  };
  auto upload = co_await detector_.read(request, read);
  if (!upload) co_return fail(upload.error());
  const bool annotated = upload->annotated;
  const auto found = co_await detector_.find(request, *upload, options);
  if (!found) co_return fail(found.error());
  if (!annotated) co_return flask_json(found_json(*found, points));
  const kit::Draw draw = [&](media::Image& picture) { draw_on(picture, found->faces); };
  co_return kit::jpeg_response(co_await detector_.pictures().annotate(request, *upload, draw));
}

awaitable<Result<Response>> FaceService::embed(Request request) {
  std::optional<kit::Box> box;
  const kit::ReadOptions read = [&](kit::Fields& fields) -> Status {
    const auto given = read_box(fields, "bbox");
    if (!given) return fail(given.error());
    box = *given;
    return fields.status();
  };
  auto upload = co_await detector_.read(request, read);
  if (!upload) co_return fail(upload.error());
  if (const Status may = recogniser_.allowed(); !may) co_return fail(may.error());
  const auto seen = co_await see_one(request, *upload, box);
  if (!seen) co_return fail(seen.error());
  const auto embeddings = co_await recogniser_.embed(request, std::span(seen->aligned).first(1));
  if (!embeddings) co_return fail(embeddings.error());
  const std::vector<float>& vector = embeddings->front();
  co_return flask_json({{"bbox", box_json(seen->found.faces.front().box)},
                        {"dimension", vector.size()},
                        {"embedding", json::array(vector.begin(), vector.end())}});
}

awaitable<Result<Response>> FaceService::recognize(Request request) {
  if (!database_.enabled()) co_return fail(ErrorCode::kUnavailable, "Database not enabled");
  if (const Status may = recogniser_.allowed(); !may) co_return fail(may.error());
  FaceOptions options = config_.detector.defaults;
  double threshold = recogniser_.threshold();
  const kit::ReadOptions read = [&](kit::Fields& fields) {
    fields.number("threshold", threshold, {.min = -1, .max = 1});
    return read_options(fields, options);
  };
  auto upload = co_await detector_.read(request, read);
  if (!upload) co_return fail(upload.error());
  const auto seen = co_await see(request, *upload, options);
  if (!seen) co_return fail(seen.error());
  const auto matches = co_await recognise(request, *seen, threshold);
  if (!matches) co_return fail(matches.error());
  json::array faces;
  for (std::size_t i = 0; i < seen->found.faces.size(); ++i) {
    const auto& match = matches->best[i];
    faces.push_back({{"bbox", box_json(seen->found.faces[i].box)},
                     {"detection_confidence", digits(seen->found.faces[i].score)},
                     {"identity", match ? match->name : "Unknown"},
                     {"match_score", match ? digits(match->cosine) : 0}});
  }
  const std::size_t count = faces.size();
  json::object body{{"count", count}};
  if (matches->of_other_models > 0) {
    body["embeddings_of_other_models"] = matches->of_other_models;
  }
  body["faces"] = std::move(faces);
  body["inference_time_ms"] = seen->found.inference_time_ms;
  co_return flask_json(body);
}

awaitable<Result<Response>> FaceService::faces(Request request) {
  FaceOptions options = config_.detector.defaults;
  const kit::ReadOptions read = [&](kit::Fields& fields) { return read_options(fields, options); };
  auto upload = co_await detector_.read(request, read);
  if (!upload) co_return fail(upload.error());
  const auto seen = co_await see(request, *upload, options);
  if (!seen) co_return fail(seen.error());
  // Faces are told also where nobody can say whose they are.
  std::optional<Matches> matches;
  if (database_.enabled() && recogniser_.allowed()) {
    auto known = co_await recognise(request, *seen, recogniser_.threshold());
    if (known) matches = std::move(*known);
  }
  json::array list;
  for (std::size_t i = 0; i < seen->found.faces.size(); ++i) {
    json::object one{{"bbox", box_json(seen->found.faces[i].box)},
                     {"confidence", digits(seen->found.faces[i].score)}};
    if (matches && matches->best[i]) one["name"] = matches->best[i]->name;
    list.push_back(std::move(one));
  }
  std::string text;
  npu::json::append(text, json::value(std::move(list)));
  co_return Response::json_text(std::move(text));
}

}  // namespace npu::face
