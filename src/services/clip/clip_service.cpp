#include "services/clip/clip_service.hpp"

#include <chrono>
#include <span>
#include <utility>

#include "base/clock.hpp"
#include "http/json_body.hpp"
#include "json/fields.hpp"
#include "services/clip/answer.hpp"
#include "services/clip/clip_dialect.hpp"

namespace npu::clip {
namespace json = boost::json;
using http::Request;
using http::Response;

namespace {

using std::chrono::steady_clock;

struct TextRequest {
  std::string text;
  std::vector<std::string> templates;
};

Result<TextRequest> parse_text(const Request& request, std::size_t max_texts) {
  if (request.content_type() != "application/json") {
    return fail(ErrorCode::kUnsupportedMediaType, "Content-Type must be application/json");
  }
  const auto body = http::parse_json(request.body);
  if (!body) return fail(body.error());
  const auto* object = body->if_object();
  if (object == nullptr) return fail(ErrorCode::kInvalidArgument, "Missing 'text' field");
  npu::json::Fields in(*object);
  const auto text = in.text("text");
  if (!in.status()) return fail(in.status().error());
  if (!text) return fail(ErrorCode::kInvalidArgument, "Missing 'text' field");
  if (auto ok = check_text("text", *text); !ok) return fail(ok.error());
  TextRequest result{.text = std::string(*text), .templates = {}};
  kit::Fields fields(*object);
  if (auto read = read_templates(fields, result.templates); !read) return fail(read.error());
  if (result.templates.size() > max_texts) {
    return fail(ErrorCode::kInvalidArgument,
                "templates must be at most " + std::to_string(max_texts));
  }
  return result;
}

}  // namespace

ClipService::ClipService(const ClipConfig& config, kit::Model& model, http::WorkPool& pool)
    : config_(config),
      model_(model),
      pool_(pool),
      pictures_(pool, config.pictures),
      live_(pool, model, pictures_, config.pictures, config.live),
      encoder_(config, model, pool, pictures_),
      embeddings_(config, model, pool, encoder_),
      created_(static_cast<std::int64_t>(unix_seconds(std::chrono::system_clock::now()))) {
  model_.accept_when([this](const LoadedModel& loaded) { return encoder_.accept(loaded); });
}

void ClipService::add_routes(http::Router& router) {
  const http::RouteOptions plain{.dialect = &kClipDialect};
  router.get(
      "/v1/info",
      [this](Request) -> awaitable<Result<Response>> { co_return Response::json(info()); }, plain);
  router.get(
      "/v1/models",
      [this](Request) -> awaitable<Result<Response>> { co_return Response::json(models()); },
      plain);
  http::RouteOptions of_pictures = pictures_.route();
  of_pictures.dialect = &kClipDialect;
  router.post(
      "/v1/classify", [this](Request request) { return classify(std::move(request)); },
      of_pictures);
  router.post(
      "/v1/embed/image", [this](Request request) { return embed_image(std::move(request)); },
      of_pictures);
  router.post(
      "/v1/embed/text", [this](Request request) { return embed_text(std::move(request)); }, plain);
  router.post(
      "/v1/embeddings", [this](Request request) { return embeddings_.answer(std::move(request)); },
      EmbeddingsRoute::options());
  http::RouteOptions of_live = live_.route();
  of_live.dialect = &kClipDialect;
  router.websocket(
      "/v1/classify/live",
      [this](Request request, http::WebSocket& socket) { return live(std::move(request), socket); },
      of_live);
}

json::object ClipService::health() const {
  json::object body{{"status", "healthy"}, {"service", "hailo-clip"}, {"model", model_.name()}};
  body["runtime_mode"] = model_.loaded() ? "real" : "degraded";
  model_.add_health(body);
  return body;
}

json::object ClipService::info() const {
  json::object body{{"service", "hailo-clip"}, {"model", model_.name()}};
  body["loaded"] = model_.loaded();
  if (const auto tables = encoder_.tables()) {
    body["dimension"] = tables->shapes().dimension;
    body["max_tokens"] = tables->shapes().tokens;
    body["batch"] = tables->shapes().batch;
    body["vocabulary"] = tables->bpe().size();
  }
  const TextCache& cache = encoder_.cache();
  body["cache"] = {{"entries", cache.size()}, {"hits", cache.hits()}, {"misses", cache.misses()}};
  return body;
}

json::object ClipService::models() const {
  json::object model{
      {"id", model_.name()}, {"object", "model"}, {"created", created_}, {"owned_by", "hailo"}};
  json::object body;
  body["object"] = "list";
  body["data"] = json::array{std::move(model)};
  return body;
}

ClassifyOptions ClipService::defaults() const {
  ClassifyOptions options;
  options.scores.mode = config_.score_mode();
  options.scores.logit_scale = config_.logit_scale;
  return options;
}

awaitable<Result<std::vector<Vector>>> ClipService::prompts(const Request& request,
                                                            const ClassifyOptions& options) {
  auto vectors = co_await encoder_.texts(request, options.texts());
  if (!vectors) co_return vectors;
  co_return options.means(std::move(*vectors));
}

awaitable<Result<Response>> ClipService::classify(Request request) {
  ClassifyOptions options = defaults();
  auto upload = co_await pictures_.read(request, [&](kit::Fields& fields) {
    return read_options(fields, static_cast<std::size_t>(config_.max_texts), options);
  });
  if (!upload) co_return fail(upload.error());
  const auto begin = steady_clock::now();
  const auto picture = co_await encoder_.picture(request, *upload);
  if (!picture) co_return fail(picture.error());
  const auto texts = co_await prompts(request, options);
  if (!texts) co_return fail(texts.error());
  const auto scores = rank(*picture, *texts, options.scores);
  if (upload->annotated) {
    const kit::Draw draw = [&](media::Image& image) { draw_on(image, scores, options.prompts); };
    co_return kit::jpeg_response(co_await pictures_.annotate(request, *upload, draw));
  }
  co_return Response::json_text(
      classify_text(scores, options.prompts, milliseconds_since(begin), model_.name()));
}

awaitable<Result<Response>> ClipService::embed_image(Request request) {
  auto upload = co_await pictures_.read(request);
  if (!upload) co_return fail(upload.error());
  upload->annotated = false;
  const auto vector = co_await encoder_.picture(request, *upload);
  if (!vector) co_return fail(vector.error());
  co_return Response::json_text(embedding_text(*vector, model_.name()));
}

awaitable<Result<Response>> ClipService::embed_text(Request request) {
  auto parsed = co_await http::on(
      pool_, [&] { return parse_text(request, static_cast<std::size_t>(config_.max_texts)); },
      request.turn());
  if (!parsed) co_return fail(parsed.error());
  const auto vectors =
      co_await encoder_.texts(request, in_templates(parsed->text, parsed->templates));
  if (!vectors) co_return fail(vectors.error());
  const Vector vector = vectors->size() == 1 ? vectors->front() : mean_of(*vectors);
  co_return Response::json_text(embedding_text(vector, model_.name()));
}

awaitable<Status> ClipService::live(Request request, http::WebSocket& socket) {
  ClassifyOptions options = defaults();
  kit::Fields fields(request.query);
  if (const Status read =
          read_options(fields, static_cast<std::size_t>(config_.max_texts), options);
      !read) {
    co_return read;
  }
  Request asking = part_of(request);
  asking.deadline = steady_clock::now() + Millis(config_.live.frame_timeout_ms);
  const auto texts = co_await prompts(asking, options);
  if (!texts) co_return fail(texts.error());
  kit::LiveTask task{.fit = encoder_.fit(), .ask = picture_request};
  task.find = [&](const InferResult& output, const kit::Placement&) -> Result<kit::LiveFinding> {
    const auto picture = picture_vector(output);
    if (!picture) return fail(picture.error());
    auto scores = rank(*picture, *texts, options.scores);
    kit::LiveFinding finding{.result = classify_text(scores, options.prompts,
                                                     static_cast<double>(output.inference_time_ms),
                                                     model_.name())};
    finding.draw = [scores = std::move(scores), &options](media::Image& image) {
      draw_on(image, scores, options.prompts);
    };
    return finding;
  };
  co_return co_await live_.serve(std::move(request), socket, task);
}

}  // namespace npu::clip
