#include "services/clip/clip_config.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "base/settings.hpp"

namespace npu::clip {
namespace {

// "clip_vit_b_32_image_encoder.hef" is "clip-vit-b-32".
std::string label_of(const std::string& image_model) {
  std::string label = std::filesystem::path(image_model).stem().string();
  std::ranges::replace(label, '_', '-');
  for (const std::string_view ending : {"-encoder", "-image"}) {
    if (label.ends_with(ending)) label.resize(label.size() - ending.size());
  }
  return label;
}

std::string text_model_of(const std::string& image_model) {
  constexpr std::string_view kImage = "image";
  std::string text_model = image_model;
  const auto at = text_model.rfind(kImage);
  if (at != std::string::npos) text_model.replace(at, kImage.size(), "text");
  return text_model;
}

// That the Python project's file has.
void ignore_old_keys(Settings& settings) {
  settings.ignore("clip.model", "it was a label: model.name is one");
  for (const char* key : {"clip.embedding_dimension", "clip.image_size"}) {
    settings.ignore(key, "the model's own counts");
  }
  for (const char* key :
       {"clip.device", "performance.warmup_enabled", "performance.warmup_iterations"}) {
    settings.ignore(key, "the device manager has the device");
  }
  for (const char* key : {"clip.device_timeout_ms", "performance.request_timeout"}) {
    settings.ignore(key, "server.request_timeout_ms counts");
  }
  for (const char* key : {"performance.worker_threads", "performance.max_queue_size"}) {
    settings.ignore(key, "see server.threads and server.max_waiting");
  }
  settings.ignore("text_embedding.mode", "texts are encoded when they are asked for");
  for (const char* key : {"resource_limits.memory_max", "resource_limits.cpu_quota"}) {
    settings.ignore(key, "limits are set in the systemd unit");
  }
}

}  // namespace

void ClipConfig::complete() {
  if (model.name.empty()) model.name = label_of(model.path);
  if (text_model.empty()) text_model = text_model_of(model.path);
  model.params = {{"image_hef_path", model.path},
                  {"text_hef_path", text_model},
                  {"text_input_layer", text_input_layer},
                  {"text_output_layer", text_output_layer},
                  {"text_batch", batch_size}};
}

std::size_t ClipConfig::cache_entries() const {
  return cache_enabled ? static_cast<std::size_t>(cache_max_entries) : 0;
}

ScoreMode ClipConfig::score_mode() const {
  return apply_softmax ? ScoreMode::kAuto : ScoreMode::kCosine;
}

void add_clip_settings(Settings& settings, ClipConfig& config) {
  kit::add_model_settings(settings, config.model);
  settings.add("clip.text_model", config.text_model,
               {.env = settings.variable("TEXT_MODEL"),
                .flag = "--text-model",
                .help = "The text encoder's path; empty: model.path with text for image"});
  settings.add("clip.text_input_layer", config.text_input_layer,
               {.help = "Where the text encoder begins, of a file with several networks"});
  settings.add("clip.text_output_layer", config.text_output_layer, {.help = "Where it ends"});
  add_side_file_settings(settings, config.side_files);
  settings.add("clip.apply_softmax", config.apply_softmax,
               {.help = "Scores of several prompts add up to 1; false: they are cosines"});
  settings.add("clip.logit_scale", config.logit_scale,
               {.help = "What a cosine is multiplied by before the softmax", .min = 0, .max = 1e4});
  settings.add(
      "clip.max_texts", config.max_texts,
      {.help = "Most texts of a request, each in each of its templates", .min = 1, .max = 100'000});
  settings.add("text_embedding.cache_enabled", config.cache_enabled,
               {.help = "Keep the vectors of texts"});
  settings.add("text_embedding.cache_max_entries", config.cache_max_entries,
               {.help = "Most texts whose vectors are kept", .min = 1, .max = 1'000'000});
  ignore_old_keys(settings);
  kit::add_picture_settings(settings, config.pictures);
  kit::add_live_settings(settings, config.live);
}

}  // namespace npu::clip
