// The configurations of hailo-scrfd and hailo-face.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/face/database.hpp"
#include "services/face/face_options.hpp"
#include "services/face/recogniser.hpp"
#include "services/kit/live.hpp"
#include "services/kit/model_rules.hpp"
#include "services/kit/picture_rules.hpp"
#include "vision/faces/face_head.hpp"

namespace npu {
class Settings;
}

namespace npu::face {

inline constexpr int kScrfdPort = 5001;
inline constexpr int kFacePort = 5002;

struct DetectorConfig {
  kit::ModelRules model{.type = "face", .name = "scrfd_2.5g"};
  std::string head = "auto";
  kit::PictureRules pictures;
  kit::LiveRules live;
  FaceOptions defaults;

  // known: what the model is said to have. Nothing: whichever the model's outputs are.
  std::optional<vision::FaceHeadKind> head_kind(std::string_view known) const;
};

struct FaceConfig {
  DetectorConfig detector{.model = {.type = "face", .name = "scrfd_10g"},
                          .defaults = {.threshold = 0.6, .max_faces = 10}};
  RecogniserRules recogniser;
  DatabaseRules database;
  bool store_pictures = false;  // unless a request says otherwise

  // Of the recogniser, once the settings are loaded.
  kit::ModelSetRules models() const;
};

// Beside those of every service; the keys are those of the Python project's hailo-scrfd and
// hailo-face. config must outlive the settings' load().
void add_scrfd_settings(Settings& settings, DetectorConfig& config);
void add_face_settings(Settings& settings, FaceConfig& config);

}  // namespace npu::face
