// The network that finds faces, as both services use it.
//
//   auto found = co_await detector.find(request, *upload, options);
//   if (!found) co_return fail(found.error());       // already in words for the client
//   found->faces
//
// Used on the event loop; decoding, heads and suppression run on the pool.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/router.hpp"
#include "http/work_pool.hpp"
#include "services/face/face_config.hpp"
#include "services/face/finder.hpp"
#include "services/kit/live.hpp"
#include "services/kit/model.hpp"
#include "services/kit/pictures.hpp"

namespace npu::face {

// What was found in one picture.
struct FoundFaces {
  std::vector<Face> faces;
  media::Size picture;
  double inference_time_ms = 0;
};

class Detector {
 public:
  // The references must outlive it; the model must not be loaded before.
  Detector(const DetectorConfig& config, kit::Model& model, http::WorkPool& pool);

  // For routes that take a picture.
  http::RouteOptions route() const;
  kit::Pictures& pictures() { return pictures_; }
  const kit::Model& model() const { return model_; }
  http::WorkPool& pool() { return pool_; }

  // The picture of a request and the options beside it. What is no form is JSON.
  http::awaitable<Result<kit::PictureUpload>> read(http::Request& request,
                                                   kit::ReadOptions read_options);
  // The references outlive the call. The picture is given back, unless upload.annotated says that
  // it is wanted once more.
  http::awaitable<Result<FoundFaces>> find(http::Request& request, kit::PictureUpload& upload,
                                           const FaceOptions& options);

  // The route of live pictures: text() is the result of a frame.
  using Text = std::string (*)(const FoundFaces& found, const std::string& model);
  void add_live(http::Router& router, const std::string& path, Text text);

 private:
  // Of each load: whether its outputs are a head of faces.
  Status accept(const LoadedModel& model);
  http::awaitable<Status> live(http::Request request, http::WebSocket& socket, Text text);

  const DetectorConfig& config_;
  kit::Model& model_;
  http::WorkPool& pool_;
  kit::Pictures pictures_;
  kit::Live live_;
  std::string known_head_;  // that the model is said to have
};

}  // namespace npu::face
