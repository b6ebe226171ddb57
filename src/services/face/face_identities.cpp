// The routes of hailo-face that are about people: who is enrolled, told about and deleted.
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "media/jpeg_encode.hpp"
#include "services/face/answer.hpp"
#include "services/face/face_fields.hpp"
#include "services/face/face_service.hpp"
#include "services/face/flask_dialect.hpp"
#include "services/face/quality.hpp"
#include "services/face/store/person_name.hpp"

namespace npu::face {
namespace json = boost::json;
using http::awaitable;
using http::Request;
using http::Response;

namespace {

json::object quality_json(const Quality& quality) {
  return {{"advice", json::array(quality.advice.begin(), quality.advice.end())},
          {"confidence", digits(quality.confidence)},
          {"frontal", digits(quality.frontal)},
          {"score", digits(quality.score)},
          {"sharpness", digits(quality.sharpness)},
          {"size", digits(quality.size)}};
}

}  // namespace

awaitable<Result<Response>> FaceService::add(Request request) {
  if (!database_.enabled()) co_return fail(ErrorCode::kUnavailable, "Database not enabled");
  if (const Status may = recogniser_.allowed(); !may) co_return fail(may.error());
  std::string name;
  std::optional<kit::Box> box;
  bool keep_picture = config_.store_pictures;
  const kit::ReadOptions read = [&](kit::Fields& fields) -> Status {
    auto given_name = needed_text(fields, "name");
    if (!given_name) return fail(given_name.error());
    name = std::move(*given_name);
    if (const Status right = check_name(name); !right) return right;
    const auto given_box = read_box(fields, "bbox");
    if (!given_box) return fail(given_box.error());
    box = *given_box;
    fields.flag("store_picture", keep_picture);
    return fields.status();
  };
  auto upload = co_await detector_.read(request, read);
  if (!upload) co_return fail(upload.error());
  const auto seen = co_await see_one(request, *upload, box);
  if (!seen) co_return fail(seen.error());
  const media::Image& aligned = seen->aligned.front();
  const auto embeddings = co_await recogniser_.embed(request, std::span(seen->aligned).first(1));
  if (!embeddings) co_return fail(embeddings.error());
  std::optional<Quality> quality;
  if (!box) quality = quality_of(seen->found.faces.front(), aligned);
  const auto count = co_await database_.use(request, [&](FaceStore& store) -> Result<std::int64_t> {
    std::string jpeg;
    if (keep_picture) {
      auto encoded = media::encode_jpeg(aligned);
      if (!encoded) return fail(encoded.error());
      jpeg = std::move(*encoded);
    }
    return store.add(name, {.vector = embeddings->front(),
                            .model = recogniser_.model(),
                            .quality = quality ? quality->score : 0,
                            .jpeg = jpeg});
  });
  if (!count) co_return fail(count.error());
  json::object body{{"embedding_count", *count},
                    {"faces_in_picture", seen->found.faces.size()},
                    {"message", fmt::format("Identity '{}' added successfully", name)},
                    {"name", name}};
  body["quality"] = quality ? json::value(quality_json(*quality)) : json::value();
  co_return flask_json(body);
}

awaitable<Result<Response>> FaceService::remove(Request request) {
  if (!database_.enabled()) co_return fail(ErrorCode::kUnavailable, "Database not enabled");
  const auto name = co_await needed_text(detector_.pool(), request, "name");
  if (!name) co_return fail(name.error());
  const auto removed =
      co_await database_.use(request, [&](FaceStore& store) { return store.remove(*name); });
  if (!removed) co_return fail(removed.error());
  if (!*removed)
    co_return fail(ErrorCode::kNotFound, fmt::format("Identity '{}' not found", *name));
  co_return flask_json(
      {{"message", fmt::format("Identity '{}' removed successfully", *name)}, {"name", *name}});
}

awaitable<Result<Response>> FaceService::list(Request request) {
  // Of many people it is megabytes, which are written where they are read.
  co_return co_await database_.use(request, [&](FaceStore& store) -> Result<Response> {
    const auto people = store.list(recogniser_.model());
    if (!people) return fail(people.error());
    json::array identities;
    for (const IdentityInfo& one : *people) {
      identities.push_back({{"created_at", one.created_at},
                            {"embedding_count", one.embeddings},
                            {"embeddings_of_model", one.of_model},
                            {"name", one.name}});
    }
    const std::size_t count = identities.size();
    return flask_json({{"count", count}, {"identities", std::move(identities)}});
  });
}

awaitable<Result<Response>> FaceService::export_one(Request request) {
  const auto name = request.query.get("name");
  if (!name) co_return fail(ErrorCode::kInvalidArgument, "Missing 'name' in the query");
  const auto all = co_await database_.use(
      request, [&](FaceStore& store) { return store.everything_about(*name); });
  if (!all) co_return fail(all.error());
  if (!*all) co_return fail(ErrorCode::kNotFound, fmt::format("Identity '{}' not found", *name));
  co_return flask_json(**all);
}

}  // namespace npu::face
