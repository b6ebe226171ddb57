#include "services/clip/embeddings_route.hpp"

#include <utility>
#include <variant>

#include "services/clip/clip_dialect.hpp"
#include "services/kit/failures.hpp"
#include "services/kit/picture_text.hpp"

namespace npu::clip {
using http::Request;
using http::Response;

namespace {

constexpr std::size_t kMaxBody = std::size_t{32} << 20;

std::size_t tokens_in(const std::vector<EmbeddingItem>& items) {
  std::size_t count = 0;
  for (const EmbeddingItem& item : items) {
    if (const auto* tokens = std::get_if<Tokens>(&item)) count += tokens->size();
  }
  return count;
}

}  // namespace

http::RouteOptions EmbeddingsRoute::options() {
  return {.max_body = kMaxBody, .dialect = &kOpenAiDialect};
}

awaitable<Result<Response>> EmbeddingsRoute::answer(Request request) {
  if (request.content_type() != "application/json") {
    co_return fail(ErrorCode::kUnsupportedMediaType, "Content-Type must be application/json");
  }
  const auto tables = encoder_.tables();
  if (tables == nullptr) {
    co_return fail(kit::being_loaded());
  }
  const EmbeddingsLimits limits{.texts = static_cast<std::size_t>(config_.max_texts)};
  auto parsed = co_await http::on(
      pool_, [&] { return parse_embeddings(request.body, model_.name(), *tables, limits); },
      request.turn());
  if (!parsed) co_return fail(parsed.error());
  request.body = std::string();
  const std::size_t tokens = tokens_in(parsed->items);
  const auto vectors = co_await vectors_of(request, std::move(parsed->items));
  if (!vectors) co_return fail(vectors.error());
  auto text = co_await http::on(
      pool_, [&] { return embeddings_text(*vectors, parsed->format, model_.name(), tokens); },
      request.turn(http::PoolEntry::kContinued));
  if (!text) co_return fail(text.error());
  co_return Response::json_text(std::move(*text));
}

awaitable<Result<std::vector<Vector>>> EmbeddingsRoute::vectors_of(
    const Request& request, std::vector<EmbeddingItem> items) {
  std::vector<Tokens> rows;
  for (EmbeddingItem& item : items) {
    if (auto* tokens = std::get_if<Tokens>(&item)) rows.push_back(std::move(*tokens));
  }
  auto texts = co_await encoder_.tokens(request, std::move(rows));
  if (!texts) co_return fail(texts.error());
  std::vector<Vector> vectors;
  auto text = texts->begin();
  for (EmbeddingItem& item : items) {
    if (auto* picture = std::get_if<PictureItem>(&item)) {
      auto vector = co_await picture_of(request, std::move(*picture));
      if (!vector) co_return fail(vector.error());
      vectors.push_back(std::move(*vector));
    } else {
      vectors.push_back(std::move(*text++));
    }
  }
  co_return vectors;
}

awaitable<Result<Vector>> EmbeddingsRoute::picture_of(const Request& request, PictureItem item) {
  Request part = part_of(request);
  part.body = std::move(item.base64);
  auto upload = co_await http::on(
      pool_,
      [&]() -> Result<kit::PictureUpload> {
        kit::PictureText text(part.body);
        text.begin();
        text.add(part.body.view());
        const auto image = text.finish();
        if (!image) return fail(image.error());
        if (auto ok = kit::check_image_size(image->size(), config_.pictures); !ok) {
          return fail(ok.error());
        }
        kit::PictureUpload picture;
        picture.image = *image;
        picture.auto_orient = config_.pictures.auto_orient;
        return picture;
      },
      request.turn(http::PoolEntry::kContinued));
  if (!upload) co_return fail(upload.error());
  co_return co_await encoder_.picture(part, *upload);
}

}  // namespace npu::clip
