// CLIP embeddings, model_type `clip`: two models under one name. model_path is only that name.
//
//   model_params   image_hef_path, text_hef_path, text_input_layer, text_output_layer; text_batch:
//                  texts that one run should encode (1..64, default 1)
//   load reply     PictureModel::model_info() of the image encoder; besides "text"
//                  {"input_shape", "output_shape"}, without a leading 1, and "batch", texts of a
//                  run
//   mode           "image" or "text"
//   tensor         image: uint8 (H, W, C), which the device makes what the graph takes; text:
//                  float32, as the text encoder takes it. Of texts in its place also
//   tensors        1..256 of them; the result is a list then
//   timeout_ms     ignored (docs/reference/protocol.md, 6); a request's own is what counts
//   result         float32 tensor: an embedding, or features of each token of a text in the shape
//                  of the file, its leading 1 included: (1, 77, 512)
//
// A text encoder with one input and one output needs no layer names; the parameters are required
// all the same, because the same request must work on every device.
#pragma once

#include <memory>

#include "families/family.hpp"

namespace npu::families {

std::unique_ptr<Family> make_clip_family();

}  // namespace npu::families
