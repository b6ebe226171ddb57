#include "services/clip/clip_config.hpp"

#include "base/settings.hpp"

namespace npu::clip {
namespace {

void add_side_file_settings(Settings& settings, SideFileRules& rules) {
  rules.look_in_usual_places();
  settings.add("clip.tokenizer", rules.tokenizer,
               {.flag = "--tokenizer",
                .help = "Merges of byte pairs, or a tokenizer.json; empty: the catalogue's"});
  settings.add("clip.token_embeddings", rules.token_embeddings,
               {.flag = "--token-embeddings",
                .help = "Table of the tokens' embeddings, .npy; empty: the catalogue's"});
  settings.add(
      "clip.text_projection", rules.text_projection,
      {.flag = "--text-projection", .help = "Projection of texts, .npy; empty: the catalogue's"});
  settings.add("models.catalogue", rules.catalogue,
               {.env = "HAILO_CATALOGUE", .flag = "--catalogue", .help = "The catalogue's folder"});
  settings.add("models.dirs", rules.dirs,
               {.env = "HAILO_MODEL_DIRS",
                .flag = "--model-dirs",
                .help = "Folders that the catalogue's files lie in"});
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
  models.image = model.path;
  models.complete();
  model.params = models.params();
}

std::size_t ClipConfig::cache_entries() const {
  return cache_enabled ? static_cast<std::size_t>(cache_max_entries) : 0;
}

ScoreMode ClipConfig::score_mode() const {
  return apply_softmax ? ScoreMode::kAuto : ScoreMode::kCosine;
}

void add_clip_settings(Settings& settings, ClipConfig& config) {
  kit::add_model_settings(settings, config.model);
  settings.add("clip.text_model", config.models.text,
               {.env = settings.variable("TEXT_MODEL"),
                .flag = "--text-model",
                .help = "The text encoder's path; empty: model.path with text for image"});
  settings.add("clip.text_input_layer", config.models.text_input_layer,
               {.help = "Where the text encoder begins, of a file with several networks"});
  settings.add("clip.text_output_layer", config.models.text_output_layer,
               {.help = "Where it ends"});
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
