#include "cli/migrate/old_services.hpp"

namespace npu::cli::migrate {

const std::vector<OldService>& old_services() {
  using enum OldService::Becomes;
  static const std::vector<OldService> services{
      {.name = kManager,
       .becomes = kOurs,
       .reads = "/etc/hailo/device-manager.env",
       .host_key = "HAILO_DEVICE_HTTP_BIND",
       .default_host = "127.0.0.1:5099"},
      {.name = "hailo-clip", .becomes = kOurs, .reads = "/etc/hailo/hailo-clip.yaml"},
      {.name = "hailo-depth",
       .becomes = kOurs,
       .reads = "/etc/xdg/hailo-depth/hailo-depth.json",
       .models = "/var/lib/hailo-depth/resources/models"},
      {.name = "hailo-face", .becomes = kOurs, .reads = "/etc/hailo/hailo-face.yaml"},
      {.name = "hailo-ocr",
       .becomes = kOurs,
       .reads = "/etc/xdg/hailo-ocr/hailo-ocr.json",
       .models = "/var/lib/hailo-ocr/resources/models"},
      {.name = "hailo-pose",
       .becomes = kOurs,
       .reads = "/etc/xdg/hailo-pose/hailo-pose.json",
       .models = "/var/lib/hailo-pose/resources/models"},
      {.name = "hailo-scrfd", .becomes = kOurs, .reads = "/etc/hailo/hailo-scrfd.yaml"},
      {.name = "hailo-piper",
       .becomes = kGoesOn,
       .reads = "/etc/hailo/hailo-piper.yaml",
       .why = "it runs on the processor and goes on as it is"},
      {.name = "hailo-vision",
       .becomes = kGoesOn,
       .reads = "/etc/xdg/hailo-vision/hailo-vision.json",
       .why = "it goes on as it is, as a client of the new manager"},
      {.name = "hailo-whisper",
       .becomes = kGoesOn,
       .reads = "/etc/xdg/hailo-whisper/hailo-whisper.json",
       .why = "it goes on as it is, as a client of the new manager"},
      {.name = "hailo-florence",
       .becomes = kEnds,
       .reads = "/etc/xdg/hailo-florence/hailo-florence.json",
       .why = "it opens the NPU by itself, which only the manager may, and its public models are "
              "for another chip"},
      {.name = "hailo-ollama",
       .becomes = kEnds,
       .reads = "/etc/xdg/hailo-ollama/hailo-ollama.json",
       .why = "it opens the NPU by itself, which only the manager may"},
      {.name = "hailo-web-portal",
       .becomes = kEnds,
       .reads = {},
       .why = "it lets whoever reaches port 7860 start and stop services as root"},
  };
  return services;
}

}  // namespace npu::cli::migrate
