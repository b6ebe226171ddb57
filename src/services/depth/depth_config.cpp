#include "services/depth/depth_config.hpp"

#include <cstdlib>

#include "base/settings.hpp"
#include "media/colormap.hpp"
#include "services/depth/estimate_options.hpp"

namespace npu::depth {
namespace {

template <class Names>
std::vector<std::string> choices(const Names& names) {
  return {names.begin(), names.end()};
}

std::string legacy_path() {
  const char* base = std::getenv("XDG_CONFIG_HOME");
  return std::string(base != nullptr && *base != '\0' ? base : "/etc/xdg") +
         "/hailo-depth/hailo-depth.json";
}

void add_model(Settings& settings, DepthConfig& config) {
  settings.add("model.name", config.model_name,
               {.env = "HAILO_DEPTH_MODEL", .flag = "--model", .help = "Model to run"});
  settings.add("model.type", config.model_type,
               {.help = "Shown in answers", .choices = {"monocular", "stereo"}});
  settings.add("model.path", config.model_path,
               {.env = "HAILO_DEPTH_MODEL_PATH",
                .flag = "--model-path",
                .help = "The model's path; empty: <resources.model_dir>/<model.name>.hef"});
  settings.add("model.keep_alive", config.keep_alive,
               {.help = "Seconds the model stays loaded after its last use; -1: for ever",
                .min = -1,
                .max = 1e9});
  settings.add("resources.model_dir", config.model_dir,
               {.env = "HAILO_DEPTH_MODEL_DIR", .flag = "--model-dir", .help = "Where models lie"});
  settings.add("device.socket", config.device_socket,
               {.env = "HAILO_DEVICE_SOCKET",
                .flag = "--device-socket",
                .help = "Socket of hailo-device-manager; empty: /run/hailo/device.sock"});
}

void add_output(Settings& settings, DepthConfig& config) {
  settings.add("output.format", config.format,
               {.env = "HAILO_DEPTH_OUTPUT_FORMAT",
                .help = "What an answer contains",
                .choices = choices(kOutputFormatNames)});
  settings.add("output.colormap", config.colormap,
               {.help = "Colours of depth images", .choices = choices(media::kColormapNames)});
  settings.add("output.representation", config.representation,
               {.help = "inverse: larger is nearer; depth: larger is farther",
                .choices = choices(kRepresentationNames)});
  settings.add("output.normalize", config.normalize, {.help = "Scale maps to 0..1"});
  settings.add("output.include_stats", config.include_stats, {.help = "Add min, max, mean, p95"});
}

void add_input(Settings& settings, DepthConfig& config) {
  settings.add("input.allow_image_url", config.allow_image_url,
               {.env = "HAILO_DEPTH_ALLOW_IMAGE_URL", .help = "Fetch pictures from public URLs"});
  settings.add("input.image_url_private_hosts", config.image_url_private_hosts,
               {.help = "Hosts in URLs whose addresses may be private"});
  settings.add("input.image_url_timeout_ms", config.image_url_timeout_ms,
               {.help = "Longest time for fetching a picture", .min = 1, .max = 600'000});
  settings.add("input.auto_orient", config.auto_orient,
               {.help = "Turn pictures as their EXIF orientation says"});
  settings.add("input.max_image_mb", config.max_image_mb,
               {.env = "HAILO_DEPTH_MAX_IMAGE_MB",
                .help = "Largest encoded picture in MiB",
                .min = 1,
                .max = 1024});
  settings.add("input.max_image_megapixels", config.max_image_megapixels,
               {.help = "Largest picture in million pixels", .min = 1, .max = 1000});
  settings.add("input.max_decode_ms", config.max_decode_ms,
               {.help = "Most processor time for decoding a picture", .min = 1, .max = 600'000});
}

}  // namespace

void add_depth_settings(Settings& settings, DepthConfig& config) {
  settings.config_file({"/etc/hailo/hailo-depth.yaml", legacy_path()}, "HAILO_DEPTH_CONFIG");
  http::add_host_settings(settings, config.host);
  add_model(settings, config);
  add_output(settings, config);
  add_input(settings, config);
  settings.ignore("output.depth_png_16", "ask for it with output.format: depth_png_16");
  settings.ignore("input.allow_local_paths", "files of the server are never read");
  settings.ignore("resources.postprocess_dir", "post-processing is built in");
  settings.ignore("resource_limits.memory_max", "limits are set in the systemd unit");
  settings.ignore("resource_limits.cpu_quota", "limits are set in the systemd unit");
}

std::string model_path_of(const DepthConfig& config) {
  if (!config.model_path.empty()) return config.model_path;
  return config.model_dir + "/" + config.model_name + ".hef";
}

}  // namespace npu::depth
