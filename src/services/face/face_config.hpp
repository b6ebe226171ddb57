// The configuration of hailo-scrfd and, what finds faces in it, of hailo-face.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/face/face_options.hpp"
#include "services/kit/live.hpp"
#include "services/kit/model_rules.hpp"
#include "services/kit/picture_rules.hpp"
#include "vision/faces/face_head.hpp"

namespace npu {
class Settings;
}

namespace npu::face {

inline constexpr int kScrfdPort = 5001;

struct DetectorConfig {
  kit::ModelRules model{.type = "face", .name = "scrfd_2.5g"};
  std::string head = "auto";
  kit::PictureRules pictures;
  kit::LiveRules live;
  FaceOptions defaults;

  // known: what the model is said to have. Nothing: whichever the model's outputs are.
  std::optional<vision::FaceHeadKind> head_kind(std::string_view known) const;
};

// Beside those of every service; the keys are those of the Python project's hailo-scrfd.
void add_scrfd_settings(Settings& settings, DetectorConfig& config);

}  // namespace npu::face
