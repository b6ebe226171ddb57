// What a client may choose of the faces in a picture.
#pragma once

#include <npu/result.hpp>

#include "services/kit/options.hpp"

namespace npu::face {

inline constexpr int kMaxFaces = 300;

struct FaceOptions {
  double threshold = 0.5;      // least confidence; what has it is a face
  double iou_threshold = 0.4;  // most overlap of two faces
  int max_faces = 100;
};

// The fields conf_threshold, iou_threshold and max_faces.
Status read_options(kit::Fields& fields, FaceOptions& options);

}  // namespace npu::face
