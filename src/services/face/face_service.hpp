// hailo-face: faces in pictures, and whose they are, over HTTP.
//
//   POST /v1/detect, /v1/embed, /v1/recognize, /v1/database/add, /v1/database/remove
//   GET  /v1/database/list            as the Python project's hailo-face has them
//   GET  /v1/database/export          all that is stored about a person
//   POST /api/faces                   faces and, where they are known, their names
//   GET  /v1/detect/live              a WebSocket: pictures in, faces out
//   POST /v1/vision/face...           as DeepStack has them: deepstack_faces.hpp
//
// Everything runs on the host's event loop; decoding, heads and cutting out on its work pool, the
// database on a thread of its own.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "services/face/database.hpp"
#include "services/face/detector.hpp"
#include "services/face/recogniser.hpp"

namespace npu::face {

// The OpenAPI document of hailo-face: face_openapi.json.
std::string_view face_openapi();

// The faces of a picture, and each cut out.
struct SeenFaces {
  FoundFaces found;
  std::vector<media::Image> aligned;  // one for each
};

class FaceService {
 public:
  // models: of config.models(). The references must outlive the service; the detector's model must
  // not be loaded before.
  FaceService(const FaceConfig& config, kit::Model& detector, kit::ModelSet& models,
              http::WorkPool& pool);

  void add_routes(http::Router& router);
  boost::json::object health() const;

  // For the routes of DeepStack.

  Detector& detector() { return detector_; }
  Recogniser& recogniser() { return recogniser_; }
  Database& database() { return database_; }
  const FaceConfig& config() const { return config_; }
  // The references outlive the call; the picture is given back.
  http::awaitable<Result<SeenFaces>> see(http::Request& request, kit::PictureUpload& upload,
                                         const FaceOptions& options);
  // Who each face is, and the embeddings that were compared.
  http::awaitable<Result<Matches>> recognise(const http::Request& request, const SeenFaces& seen,
                                             double threshold);

 private:
  using Reply = http::awaitable<Result<http::Response>>;

  Reply detect(http::Request request);
  Reply embed(http::Request request);
  Reply recognize(http::Request request);
  Reply faces(http::Request request);
  Reply add(http::Request request);
  Reply remove(http::Request request);
  Reply list(http::Request request);
  Reply export_one(http::Request request);
  // Of a request with an optional box: that part of the picture, without looking for a face.
  http::awaitable<Result<SeenFaces>> see_one(http::Request& request, kit::PictureUpload& upload,
                                             const std::optional<kit::Box>& box);

  const FaceConfig& config_;
  Detector detector_;
  Recogniser recogniser_;
  Database database_;
};

}  // namespace npu::face
