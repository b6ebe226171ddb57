#include "services/face/face_options.hpp"

#include "services/kit/object_options.hpp"

namespace npu::face {

Status read_options(kit::Fields& fields, FaceOptions& options) {
  fields.number("conf_threshold", options.threshold, kit::kShare);
  fields.number("iou_threshold", options.iou_threshold, kit::kShare);
  fields.number("max_faces", options.max_faces, {.min = 1, .max = kMaxFaces});
  return fields.status();
}

}  // namespace npu::face
