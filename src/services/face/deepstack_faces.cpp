#include "services/face/deepstack_faces.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "http/multipart.hpp"
#include "services/face/answer.hpp"
#include "services/face/face_fields.hpp"
#include "services/face/face_service.hpp"
#include "services/face/quality.hpp"
#include "services/face/store/person_name.hpp"
#include "services/kit/deepstack.hpp"
#include "services/kit/object_options.hpp"

namespace npu::face {
namespace json = boost::json;
using http::awaitable;
using http::Request;
using http::Response;

namespace {

constexpr std::size_t kMaxPictures = 10;

json::object prediction(const Face& face, double confidence) {
  return {{"confidence", digits(confidence)},
          {"x_min", std::lround(face.box.from.x)},
          {"y_min", std::lround(face.box.from.y)},
          {"x_max", std::lround(face.box.to.x)},
          {"y_max", std::lround(face.box.to.y)}};
}

class Routes {
 public:
  explicit Routes(FaceService& service) : service_(service) {}

  awaitable<Result<Response>> detect(Request request) const {
    const Clock clock;
    FaceOptions options = service_.config().detector.defaults;
    const kit::ReadOptions read = [&](kit::Fields& fields) {
      fields.number("min_confidence", options.threshold, kit::kShare);
      return fields.status();
    };
    auto upload = co_await service_.detector().read(request, read);
    if (!upload) co_return fail(upload.error());
    const auto found = co_await service_.detector().find(request, *upload, options);
    if (!found) co_return fail(found.error());
    json::array predictions;
    for (const Face& face : found->faces) predictions.push_back(prediction(face, face.score));
    co_return clock.answer({{"predictions", std::move(predictions)}});
  }

  awaitable<Result<Response>> recognise(Request request) const {
    const Clock clock;
    const double threshold = service_.recogniser().threshold();
    double least = kDeepStackThreshold;
    const kit::ReadOptions read = [&](kit::Fields& fields) {
      fields.number("min_confidence", least, kit::kShare);
      return fields.status();
    };
    auto upload = co_await service_.detector().read(request, read);
    if (!upload) co_return fail(upload.error());
    const auto seen = co_await service_.see(request, *upload, service_.config().detector.defaults);
    if (!seen) co_return fail(seen.error());
    const auto matches = co_await service_.recognise(request, *seen, as_cosine(least, threshold));
    if (!matches) co_return fail(matches.error());
    json::array predictions;
    for (std::size_t i = 0; i < seen->found.faces.size(); ++i) {
      const auto& match = matches->best[i];
      json::object one =
          prediction(seen->found.faces[i], match ? as_confidence(match->cosine, threshold) : 0);
      one["userid"] = match ? match->name : "unknown";
      predictions.push_back(std::move(one));
    }
    co_return clock.answer({{"predictions", std::move(predictions)}});
  }

  awaitable<Result<Response>> enrol(Request request) const {
    const Clock clock;
    std::string name;
    const auto faces = co_await faces_in(request, [&](kit::Fields& fields) -> Status {
      auto given = needed_text(fields, "userid");
      if (!given) return fail(given.error());
      name = std::move(*given);
      return check_name(name);
    });
    if (!faces) co_return fail(faces.error());
    const auto added =
        co_await service_.database().use(request, [&](FaceStore& store) -> Result<std::int64_t> {
          std::int64_t count = 0;
          for (const NewFace& face : *faces) {
            const auto now = store.add(name, {.vector = face.embedding,
                                              .model = service_.recogniser().model(),
                                              .quality = face.quality});
            if (!now) return now;
            count = *now;
          }
          return count;
        });
    if (!added) co_return fail(added.error());
    co_return clock.answer({{"message", "face added"}});
  }

  awaitable<Result<Response>> match(Request request) const {
    const Clock clock;
    const auto faces = co_await faces_in(request, [](kit::Fields&) { return Status{}; }, 2);
    if (!faces) co_return fail(faces.error());
    const auto& [one, other] = std::tie(faces->front().embedding, faces->back().embedding);
    const double cosine = dot(one.data(), other.data(), one.size());
    co_return clock.answer(
        {{"similarity", digits(as_confidence(cosine, service_.recogniser().threshold()))}});
  }

  awaitable<Result<Response>> list(Request request) const {
    const Clock clock;
    co_return co_await service_.database().use(request, [&](FaceStore& store) -> Result<Response> {
      const auto people = store.list(service_.recogniser().model());
      if (!people) return fail(people.error());
      json::array names;
      for (const IdentityInfo& one : *people) names.emplace_back(one.name);
      return clock.answer({{"faces", std::move(names)}});
    });
  }

  awaitable<Result<Response>> remove(Request request) const {
    const Clock clock;
    const auto name = co_await needed_text(service_.detector().pool(), request, "userid");
    if (!name) co_return fail(name.error());
    const auto removed = co_await service_.database().use(
        request, [&](FaceStore& store) { return store.remove(*name); });
    if (!removed) co_return fail(removed.error());
    if (!*removed) co_return fail(ErrorCode::kNotFound, fmt::format("no face of '{}'", *name));
    co_return clock.answer({});
  }

 private:
  struct NewFace {
    std::vector<float> embedding;
    double quality = 0;
  };

  class Clock {
   public:
    Response answer(json::object more) const {
      const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::steady_clock::now() - begin_);
      json::object body{{"success", true}};
      for (auto& field : more) body[field.key()] = std::move(field.value());
      body["duration"] = took.count();
      return Response::json(body);
    }

   private:
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  };

  // The files of a form whose names begin with "image", in their order, each with bytes of its own.
  Result<std::vector<kit::PictureUpload>> pictures_of(
      const Request& request, const std::function<Status(kit::Fields&)>& read) const {
    const auto form = http::Multipart::of(request);
    if (!form) return fail(form.error());
    kit::Fields fields(*form);
    if (const Status done = read(fields); !done) return fail(done.error());
    const kit::PictureRules& rules = service_.config().detector.pictures;
    std::vector<kit::PictureUpload> uploads;
    for (const http::Part& part : form->parts()) {
      if (!part.name.starts_with("image")) continue;
      if (uploads.size() == kMaxPictures) {
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("at most {} pictures at once", kMaxPictures));
      }
      if (const Status fits = kit::check_image_size(part.data.size(), rules); !fits) {
        return fail(fits.error());
      }
      kit::PictureUpload& upload = uploads.emplace_back();
      upload.auto_orient = rules.auto_orient;
      upload.fetched = std::make_unique<const std::string>(part.data);
      upload.image = std::as_bytes(std::span(*upload.fetched));
    }
    if (uploads.empty()) return fail(ErrorCode::kInvalidArgument, "Missing 'image' field");
    return uploads;
  }

  // The face of each picture. All are seen before anything is done with the first: a request that
  // fails has changed nothing. pictures: how many there have to be, if not any number.
  awaitable<Result<std::vector<NewFace>>> faces_in(Request& request,
                                                   const std::function<Status(kit::Fields&)>& read,
                                                   std::optional<std::size_t> pictures = {}) const {
    auto uploads = co_await http::on(
        service_.detector().pool(), [&] { return pictures_of(request, read); }, request.turn());
    if (!uploads) co_return fail(uploads.error());
    if (pictures && uploads->size() != *pictures) {
      co_return fail(ErrorCode::kInvalidArgument, "image1 and image2 are needed, two pictures");
    }
    std::vector<NewFace> faces;
    faces.reserve(uploads->size());
    for (kit::PictureUpload& upload : *uploads) {
      auto face = co_await only_face(request, upload);
      if (!face) co_return fail(face.error());
      faces.push_back(std::move(*face));
    }
    co_return faces;
  }

  awaitable<Result<NewFace>> only_face(Request& request, kit::PictureUpload& upload) const {
    if (const Status may = service_.recogniser().allowed(); !may) co_return fail(may.error());
    const auto seen = co_await service_.see(request, upload, service_.config().detector.defaults);
    if (!seen) co_return fail(seen.error());
    if (seen->found.faces.empty()) co_return fail(ErrorCode::kInvalidArgument, "No face detected");
    auto embeddings =
        co_await service_.recogniser().embed(request, std::span(seen->aligned).first(1));
    if (!embeddings) co_return fail(embeddings.error());
    co_return NewFace{std::move(embeddings->front()),
                      quality_of(seen->found.faces.front(), seen->aligned.front()).score};
  }

  FaceService& service_;
};

}  // namespace

double as_confidence(double cosine, double threshold) {
  if (cosine <= threshold) return kDeepStackThreshold * std::max(cosine, 0.0) / threshold;
  const double above = (std::min(cosine, 1.0) - threshold) / (1 - threshold);
  return kDeepStackThreshold + (1 - kDeepStackThreshold) * above;
}

double as_cosine(double confidence, double threshold) {
  if (confidence <= kDeepStackThreshold) return threshold * confidence / kDeepStackThreshold;
  return threshold +
         (1 - threshold) * (confidence - kDeepStackThreshold) / (1 - kDeepStackThreshold);
}

void add_deepstack_routes(FaceService& service, http::Router& router) {
  const auto routes = std::make_shared<const Routes>(service);
  http::RouteOptions options = service.detector().route();
  options.dialect = &kit::kDeepStackDialect;
  const auto add = [&](const char* path,
                       awaitable<Result<Response>> (Routes::*handle)(Request) const) {
    router.post(
        path, [routes, handle](Request request) { return ((*routes).*handle)(std::move(request)); },
        options);
  };
  add("/v1/vision/face", &Routes::detect);
  add("/v1/vision/face/recognize", &Routes::recognise);
  add("/v1/vision/face/register", &Routes::enrol);
  add("/v1/vision/face/match", &Routes::match);
  add("/v1/vision/face/list", &Routes::list);
  add("/v1/vision/face/delete", &Routes::remove);
}

}  // namespace npu::face
