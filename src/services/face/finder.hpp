// From the device's answer to the faces in the picture.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include <npu/client_types.hpp>

#include "services/face/face_options.hpp"
#include "services/kit/picture_input.hpp"
#include "vision/faces/face_head.hpp"

namespace npu::face {

// Eyes, nose, corners of the mouth, as vision::FacePoints; in pixels of the picture. May lie
// outside of it: so does a face that the picture's edge cuts.
using Points = std::array<kit::Point, vision::kFacePoints>;

struct Face {
  kit::Box box;  // in the picture, clipped to it
  float score = 0;
  Points points;
};

// Best first. head: the only one that may be; nothing: whichever the outputs are. kInternal where
// the outputs are none of these: what find_face_head() says. Takes time.
Result<std::vector<Face>> find_faces(const InferResult& result, const kit::Placement& placed,
                                     std::optional<vision::FaceHeadKind> head,
                                     const FaceOptions& options);

}  // namespace npu::face
