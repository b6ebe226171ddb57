// The configuration of hailo-clip: `hailo-clip --print-config` lists the keys.
#pragma once

#include <cstddef>
#include <string>

#include "services/clip/clip_models.hpp"
#include "services/clip/side_files.hpp"
#include "services/clip/vectors.hpp"
#include "services/kit/live.hpp"
#include "services/kit/model_rules.hpp"
#include "services/kit/picture_rules.hpp"

namespace npu {
class Settings;
}

namespace npu::clip {

inline constexpr int kPort = 5000;

struct ClipConfig {
  // path: of the image encoder. name: what answers call the model; empty: as the path tells.
  kit::ModelRules model{.type = "clip", .name = "", .path = kUsualImageEncoder};
  ClipModels models;  // image: of model.path
  SideFileRules side_files;
  kit::PictureRules pictures;
  kit::LiveRules live;
  bool apply_softmax = true;
  double logit_scale = 100;
  int max_texts = 1000;  // of a request, templates included
  bool cache_enabled = true;
  int cache_max_entries = 1000;

  // After the settings' load(): what follows from the rest.
  void complete();

  std::size_t cache_entries() const;
  ScoreMode score_mode() const;
};

// Beside those of every service; the keys are those of the Python project's hailo-clip.
void add_clip_settings(Settings& settings, ClipConfig& config);

}  // namespace npu::clip
