// Pictures of requests on their way into a network: received, fetched where a URL names them,
// decoded, fitted.
//
//   auto upload = co_await pictures.read(request, [&](kit::Fields& f) { return read(f, options);
//   }); if (!upload) co_return fail(upload.error()); auto input = co_await pictures.fit(request,
//   *upload, model.picture()); if (!input) co_return fail(input.error());
//
// Used on the event loop; the work is done on the pool.
#pragma once

#include <optional>

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
  // needs while the device works.
  awaitable<Result<PictureInput>> fit(http::Request& request, PictureUpload& upload,
                                      Result<ClientTensor> memory, FitOptions how = {});

 private:
  awaitable<Result<std::string>> fetch(const std::string& url, const http::Request& request);

  http::WorkPool& pool_;
  const PictureRules& rules_;
  std::optional<http::WorkPool> fetch_pool_;  // slow servers must not keep pictures from decoding
};

}  // namespace npu::kit
