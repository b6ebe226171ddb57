#include "services/clip/clip_models.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace npu::clip {

std::string label_of(const std::string& image_model) {
  std::string label = std::filesystem::path(image_model).stem().string();
  std::ranges::replace(label, '_', '-');
  for (const std::string_view ending : {"-encoder", "-image"}) {
    if (label.ends_with(ending)) label.resize(label.size() - ending.size());
  }
  return label;
}

void ClipModels::complete() {
  constexpr std::string_view kImage = "image";
  if (!text.empty()) return;
  text = image;
  const auto at = text.rfind(kImage);
  if (at != std::string::npos) text.replace(at, kImage.size(), "text");
}

boost::json::object ClipModels::params() const {
  return {{"image_hef_path", image},
          {"text_hef_path", text},
          {"text_input_layer", text_input_layer},
          {"text_output_layer", text_output_layer},
          {"text_batch", batch}};
}

}  // namespace npu::clip
