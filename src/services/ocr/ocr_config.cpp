#include "services/ocr/ocr_config.hpp"

#include <filesystem>

#include "base/log.hpp"
#include "base/settings.hpp"
#include "services/ocr/ocr_models.hpp"

namespace npu::ocr {
namespace {

constexpr std::string_view kHef = ".hef";

// A name of the catalogue stays one; what is named as a file lies in the folder for models.
std::string path_of(const std::string& name, const std::string& root) {
  const bool is_file = name.ends_with(kHef) || name.ends_with(".onnx");
  return name.starts_with('/') || !is_file ? name : root + "/" + name;
}

void add_map_settings(Settings& settings, OcrOptions& options) {
  settings.add("ocr.languages", options.languages,
               {.help = "What is read where the client does not say; empty: the first network's"});
  settings.add("ocr.det_threshold", options.map.pixel_threshold,
               {.help = "Least value of a pixel that belongs to text", .min = 0, .max = 1});
  settings.add("ocr.box_threshold", options.map.box_threshold,
               {.help = "Least mean of a region of text", .min = 0, .max = 1});
  settings.add("ocr.unclip_ratio", options.map.unclip_ratio,
               {.help = "How much wider text is than its region", .min = 0, .max = 10});
  settings.add("ocr.min_side", options.map.min_side,
               {.help = "Least side of a region, pixels of the map", .min = 1, .max = 100});
  settings.add("ocr.rec_threshold", options.rec_threshold,
               {.help = "Least confidence of a text", .min = 0, .max = 1});
  settings.add("ocr.classify_angle", options.classify_angle,
               {.help = "Turn text that is upside down, where there is a classifier"});
}

void add_cache_settings(Settings& settings, CacheRules& cache) {
  settings.add("processing.enable_caching", cache.enabled,
               {.help = "Keep what was read, and answer the same picture with it"});
  settings.add("processing.cache_ttl_seconds", cache.ttl_seconds,
               {.help = "How long it is kept", .min = 1, .max = 1e7});
  settings.add("processing.max_cache_size_mb", cache.max_mb,
               {.help = "How much is kept", .min = 1, .max = 4096});
}

}  // namespace

kit::ModelRules OcrConfig::model_rules() const {
  kit::ModelRules rules = model;
  std::string root = models_root.empty() ? model.dir : models_root;
  if (rules.path.empty()) {
    rules.path = path_of(detection, root);
  } else if (models_root.empty() && rules.path.starts_with('/')) {
    root = std::filesystem::path(rules.path).parent_path().string();
  }
  OcrModels models{.detection = rules.path, .latin = path_of(latin, root), .batch = batch};
  if (!chinese.empty()) {
    const std::string path = path_of(chinese, root);
    if (path.starts_with('/') && !std::filesystem::exists(path)) {
      log::warning("hailo_models.recognition_hefs.zh: {} is not there, so it is left out", path);
    } else {
      models.chinese = path;
    }
  }
  if (!classifier.empty()) models.classifier = path_of(classifier, root);
  rules.params = models.params();
  return rules;
}

void add_ocr_settings(Settings& settings, OcrConfig& config) {
  kit::add_model_settings(settings, config.model);
  settings.add("hailo_models.detection_hef", config.detection,
               {.help = "The detector: a path, a file of models_root, or a name of the catalogue"});
  settings.add("hailo_models.recognition_hefs.en", config.latin,
               {.flag = "--recognition", .help = "The recogniser of Latin letters and digits"});
  settings.add(
      "hailo_models.recognition_hefs.zh", config.chinese,
      {.flag = "--recognition-zh", .help = "The recogniser of Chinese; empty: none of its own"});
  settings.add("hailo_models.classification", config.classifier,
               {.flag = "--classification", .help = "The classifier of what is upside down"});
  settings.add(
      "hailo_models.batch_size_rec", config.batch,
      {.flag = "--batch", .help = "Lines that a recogniser takes at once", .min = 1, .max = 128});
  settings.add(
      "hailo_models.models_root", config.models_root,
      {.help = "Where these files lie; empty: beside model.path, else resources.model_dir"});
  settings.add("hailo_models.device", config.device, {.help = "What answers call the device"});
  add_map_settings(settings, config.defaults);
  settings.add("ocr.max_side", config.tiles.max_side,
               {.help = "Pixels that the longer side of a picture is shrunken to for the detector",
                .min = 64,
                .max = 16384});
  settings.add("ocr.enlarge", config.tiles.enlarge,
               {.flag = "--enlarge",
                .help = "How much small pictures are enlarged for the detector, at most",
                .min = 1,
                .max = 4});
  settings.add(
      "ocr.tile_side", config.tiles.tile_side,
      {.help = "Largest part that a detector of any size sees at once", .min = 64, .max = 4096});
  settings.add("ocr.tile_overlap", config.tiles.overlap,
               {.help = "Pixels that neighbouring parts have in common", .min = 0, .max = 1024});
  settings.add("ocr.max_pages", config.max_pages,
               {.help = "Pictures that are read at once; others wait", .min = 1, .max = 64});
  add_cache_settings(settings, config.cache);
  kit::add_picture_settings(settings, config.pictures);
  kit::add_live_settings(settings, config.live);
  settings.ignore("ocr.enable_recognition", "text that is found is always read");
  settings.ignore("ocr.use_corrector", "texts are told as they were read");
  settings.ignore("ocr.dictionary_path", "texts are told as they were read");
  settings.ignore("hailo_models.batch_size_det", "pictures are looked at one by one");
  settings.ignore("hailo_models.priority", "requests have the manager's priorities");
  settings.ignore("processing.max_image_size", "input.max_image_megapixels is the limit");
  settings.ignore("processing.jpeg_quality", "pictures are not encoded");
}

}  // namespace npu::ocr
