// Pictures of requests on their way into a network: received, fetched where a URL names them,
// decoded, fitted.
//
//   auto upload = co_await pictures.read(request, [&](kit::Fields& f) { return read(f, options);
//   }); if (!upload) co_return fail(upload.error()); auto input = co_await pictures.fit(request,
//   *upload, model.picture()); if (!input) co_return fail(input.error());
//
// Where the upload says `annotated`, the answer is a picture:
//
//   const kit::Draw draw = [&](media::Image& picture) { draw_on(picture, found); };
//   co_return kit::jpeg_response(co_await pictures.annotate(request, *upload, draw));
//
// Used on the event loop; the work is done on the pool.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <npu/client_tensor.hpp>

#include "http/router.hpp"
#include "http/work_pool.hpp"
#include "services/kit/picture_input.hpp"
#include "services/kit/picture_upload.hpp"

namespace npu::kit {

using http::awaitable;

struct PictureInput {
  ClientTensor tensor;
  Placement placed;  // placed.picture: upright if that was asked for
};

// Draws what was found onto the whole picture, which is RGB and, if that was asked for, upright: in
// the coordinates of Placement::to_picture(). Takes time.
using Draw = std::function<void(media::Image& picture)>;

Result<http::Response> jpeg_response(Result<std::string> jpeg);

class Pictures {
 public:
  // The references must outlive it.
  Pictures(http::WorkPool& pool, const PictureRules& rules);

  // For routes that take a picture: bodies as large as the rules allow.
  http::RouteOptions route() const;

  // request: of which the upload is a view until it was fitted.
  awaitable<Result<PictureUpload>> read(http::Request& request, ReadOptions read_options = {});
  // memory: what the model takes; uint8 (height, width, channels 1 or 3); an error is passed on.
  // The encoded picture is given back, also the request's body: a hundred megabytes that nobody
  // needs while the device works. It is kept where the upload is to be annotated.
  awaitable<Result<PictureInput>> fit(http::Request& request, PictureUpload& upload,
                                      Result<ClientTensor> memory, FitOptions how = {},
                                      http::PoolEntry entry = http::PoolEntry::kContinued);
  // use() of the upload's whole picture, RGB and, if that was asked for, upright; then it is given
  // back. Fails as media::decode_image() and use() do. The upload has to be one that is to be
  // annotated: others are given back by fit().
  using Use = std::function<Status(media::Image& picture)>;
  awaitable<Status> whole(http::Request& request, PictureUpload& upload, Use use);
  // The whole picture, RGB and, if that was asked for, upright. The encoded one is given back as by
  // fit(). Fails as media::decode_image() does.
  awaitable<Result<media::Image>> decode(http::Request& request, PictureUpload& upload);
  // The upload's picture as JPEG, with what draw() adds; then it is given back. Fails as
  // media::decode_image() and media::encode_jpeg() do.
  awaitable<Result<std::string>> annotate(http::Request& request, PictureUpload& upload, Draw draw);

 private:
  // keep: the encoded picture is wanted once more.
  awaitable<Status> decode_and(const Use& use, http::Request& request, PictureUpload& upload,
                               bool keep);
  awaitable<Result<std::string>> fetch(const std::string& url, const http::Request& request);

  http::WorkPool& pool_;
  const PictureRules& rules_;
  std::optional<http::WorkPool> fetch_pool_;  // slow servers must not keep pictures from decoding
};

}  // namespace npu::kit
