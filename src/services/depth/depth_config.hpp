// The configuration of hailo-depth: `hailo-depth --print-config` lists the keys.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "http/service_host.hpp"

namespace npu {
class Settings;
}

namespace npu::depth {

struct DepthConfig {
  http::HostConfig host{.name = "hailo-depth", .port = 11439};

  std::string model_name = "scdepthv3";
  std::string model_type = "monocular";  // echoed; "stereo" only flips a capability flag
  std::string model_path;                // empty: <model_dir>/<model_name>.hef
  std::string model_dir = "/var/lib/hailo-depth/resources/models";
  double keep_alive = -1;  // seconds that the model stays after its last use; negative: for ever

  std::string format = "both";
  std::string colormap = "viridis";
  std::string representation = "inverse";
  bool normalize = true;
  bool include_stats = true;

  bool allow_image_url = false;
  std::vector<std::string> image_url_private_hosts{};
  int image_url_timeout_ms = 10'000;
  bool auto_orient = true;
  int max_image_mb = 50;
  int max_image_megapixels = 50;
  int max_decode_ms = 1500;  // of processor time

  std::string device_socket;  // empty: HAILO_DEVICE_SOCKET, else the default
};

void add_depth_settings(Settings& settings, DepthConfig& config);

// The path that names the model to the manager.
std::string model_path_of(const DepthConfig& config);

}  // namespace npu::depth
