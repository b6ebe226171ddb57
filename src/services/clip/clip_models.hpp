// Which networks CLIP takes, and how the device manager is told of them.
#pragma once

#include <string>

#include <boost/json.hpp>

namespace npu::clip {

inline constexpr const char* kUsualImageEncoder = "clip_vit_b_32_image_encoder";

// Paths, or names of the catalogue.
struct ClipModels {
  std::string image{};
  std::string text{};  // empty: as the image encoder, "image" in its name being "text"
  std::string text_input_layer = "clip_vit_b_32_text_encoder/input_layer1";
  std::string text_output_layer = "clip_vit_b_32_text_encoder/normalization25";
  int batch = 8;  // of texts, on devices and with files that can

  // What follows from the image encoder.
  void complete();
  // The family's parameters; the model's path is the image encoder's.
  boost::json::object params() const;
};

// "clip_vit_b_32_image_encoder.hef" is "clip-vit-b-32".
std::string label_of(const std::string& image_model);

}  // namespace npu::clip
