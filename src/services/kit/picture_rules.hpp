// What pictures a service takes: the keys `input.*`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace npu {
class Settings;
}

namespace npu::kit {

struct PictureRules {
  bool allow_image_url = false;
  std::vector<std::string> image_url_private_hosts{};
  int image_url_timeout_ms = 10'000;
  bool auto_orient = true;  // turn pictures as their EXIF orientation says, unless the client says
  int max_image_mb = 50;    // MiB, encoded
  int max_image_megapixels = 50;
  int max_decode_ms = 1200;  // of processor time

  std::size_t max_bytes() const { return static_cast<std::size_t>(max_image_mb) << 20; }
};

// rules: the defaults; must outlive the settings' load().
void add_picture_settings(Settings& settings, PictureRules& rules);

}  // namespace npu::kit
