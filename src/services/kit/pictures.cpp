#include "services/kit/pictures.hpp"

#include <algorithm>

#include "http/url_fetch.hpp"
#include "media/jpeg_encode.hpp"

namespace npu::kit {
namespace {

media::DecodeOptions decode_options(const PictureUpload& upload, const PictureRules& rules) {
  media::DecodeOptions options;
  options.max_pixels = static_cast<std::uint64_t>(rules.max_image_megapixels) * 1'000'000;
  options.cpu_time = Millis(rules.max_decode_ms);
  options.apply_orientation = upload.auto_orient;
  return options;
}

void give_back(http::Request& request, PictureUpload& upload) {
  request.body = std::string();
  upload = PictureUpload();
}

Result<PictureInput> decode_into(ClientTensor tensor, const PictureUpload& upload,
                                 const FitOptions& how, const PictureRules& rules) {
  const Shape& shape = tensor.shape();
  media::DecodeOptions options = decode_options(upload, rules);
  options.channels = static_cast<int>(shape[2]);
  const media::Size size{static_cast<int>(shape[1]), static_cast<int>(shape[0])};
  const auto bytes = tensor.writable();
  const auto placed = decode_fitted(upload.image, options, how, size,
                                    {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  if (!placed) return fail(placed.error());
  return PictureInput{std::move(tensor), *placed};
}

}  // namespace

Result<http::Response> jpeg_response(Result<std::string> jpeg) {
  if (!jpeg) return fail(jpeg.error());
  return http::Response::bytes(std::move(*jpeg), "image/jpeg");
}

Pictures::Pictures(http::WorkPool& pool, const PictureRules& rules) : pool_(pool), rules_(rules) {
  if (rules.allow_image_url) fetch_pool_.emplace(http::WorkPoolOptions{.threads = 4});
}

http::RouteOptions Pictures::route() const {
  // A picture as base64 in JSON is a third longer than the picture.
  return {.max_body = rules_.max_bytes() / 3 * 4 + (1 << 20)};
}

awaitable<Result<PictureUpload>> Pictures::read(http::Request& request, ReadOptions read_options) {
  auto upload = co_await http::on(
      pool_, [&] { return parse_upload(request, rules_, read_options); }, request.turn());
  if (!upload || upload->url.empty()) co_return upload;
  auto body = co_await fetch(upload->url, request);
  if (!body) co_return fail(body.error());
  upload->fetched = std::make_unique<const std::string>(std::move(*body));
  upload->image = std::as_bytes(std::span(*upload->fetched));
  co_return upload;
}

awaitable<Result<PictureInput>> Pictures::fit(http::Request& request, PictureUpload& upload,
                                              Result<ClientTensor> memory, FitOptions how,
                                              http::PoolEntry entry) {
  if (!memory) co_return fail(memory.error());
  co_return co_await http::on(
      pool_,
      [&] {
        auto input = decode_into(std::move(*memory), upload, how, rules_);
        if (!upload.annotated) give_back(request, upload);
        return input;
      },
      request.turn(entry));
}

awaitable<Result<media::Image>> Pictures::decode(http::Request& request, PictureUpload& upload) {
  media::Image picture;
  const Use take = [&](media::Image& decoded) -> Status {
    picture = std::move(decoded);
    return {};
  };
  const Status decoded = co_await decode_and(take, request, upload, upload.annotated);
  if (!decoded) co_return fail(decoded.error());
  co_return picture;
}

awaitable<Status> Pictures::whole(http::Request& request, PictureUpload& upload, Use use) {
  co_return co_await decode_and(use, request, upload, false);
}

awaitable<Status> Pictures::decode_and(const Use& use, http::Request& request,
                                       PictureUpload& upload, bool keep) {
  co_return co_await http::on(
      pool_,
      [&]() -> Status {
        auto picture = media::decode_image(upload.image, decode_options(upload, rules_));
        if (!keep) give_back(request, upload);
        if (!picture) return fail(picture.error());
        return use(*picture);
      },
      request.turn(http::PoolEntry::kContinued));
}

awaitable<Result<std::string>> Pictures::annotate(http::Request& request, PictureUpload& upload,
                                                  Draw draw) {
  std::string jpeg;
  const Use use = [&](media::Image& picture) -> Status {
    draw(picture);
    auto encoded = media::encode_jpeg(picture);
    if (!encoded) return fail(encoded.error());
    jpeg = std::move(*encoded);
    return {};
  };
  const Status drawn = co_await whole(request, upload, use);
  if (!drawn) co_return fail(drawn.error());
  co_return jpeg;
}

awaitable<Result<std::string>> Pictures::fetch(const std::string& url,
                                               const http::Request& request) {
  const Millis allowed(rules_.image_url_timeout_ms);
  const http::FetchOptions options{.max_bytes = rules_.max_bytes(),
                                   .timeout = std::min(allowed, request.time_left()),
                                   .private_hosts = rules_.image_url_private_hosts};
  auto body = co_await http::on(
      *fetch_pool_, [&] { return http::fetch_url(url, options, request.stop); }, request.turn());
  if (body) co_return body;
  switch (body.error().code) {
    case ErrorCode::kOverloaded:
    case ErrorCode::kCancelled:
    case ErrorCode::kInternal: co_return body;
    case ErrorCode::kTooLarge:
      co_return fail(check_image_size(options.max_bytes + 1, rules_).error());
    case ErrorCode::kDeadlineExceeded:
      if (options.timeout == allowed) break;
      co_return fail(ErrorCode::kDeadlineExceeded,
                     "the request took longer than this service allows");
    default: break;
  }
  co_return fail(ErrorCode::kInvalidArgument, "Failed to fetch image URL: " + body.error().message);
}

}  // namespace npu::kit
