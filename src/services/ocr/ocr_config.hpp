// The configuration of hailo-ocr: `hailo-ocr --print-config` lists the keys.
#pragma once

#include <string>

#include "services/kit/live.hpp"
#include "services/kit/model_rules.hpp"
#include "services/kit/picture_rules.hpp"
#include "services/ocr/ocr_models.hpp"
#include "services/ocr/ocr_options.hpp"
#include "services/ocr/tiles.hpp"

namespace npu {
class Settings;
}

namespace npu::ocr {

inline constexpr int kPort = 11436;

struct CacheRules {
  bool enabled = false;
  int ttl_seconds = 3600;
  int max_mb = 64;
};

struct OcrConfig {
  std::string detection = "ocr_det.hef";
  std::string latin = "ocr.hef";  // of the language en
  std::string chinese;            // of zh; "": none
  std::string classifier;         // "": none
  std::string models_root;
  std::string device = "hailo-device-manager";  // as answers name it
  int batch = kUsualBatch;
  int max_pages = 4;  // pictures that are read at once; others wait
  kit::ModelRules model{.type = "ocr", .name = "ocr_det", .pictures = false};
  kit::PictureRules pictures;
  kit::LiveRules live;
  TileRules tiles;
  CacheRules cache;
  OcrOptions defaults;

  // What is loaded: paths, and the family's parameters. A Chinese network that is configured as a
  // file and not there is left out, with a warning: the Python project's installer names one and
  // does not bring it.
  kit::ModelRules model_rules() const;
};

// Beside those of every service; the keys are those of the Python project's hailo-ocr.
void add_ocr_settings(Settings& settings, OcrConfig& config);

}  // namespace npu::ocr
