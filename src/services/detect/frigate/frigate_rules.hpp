// The keys `frigate.*` of hailo-detect.
#pragma once

#include <string>

namespace npu {
class Settings;
}

namespace npu::detect::frigate {

struct FrigateRules {
  std::string endpoint;  // empty: off
  // After which Frigate gives up: its request_timeout_ms.
  int timeout_ms = 200;
};

// rules: the defaults; must outlive the settings' load().
void add_frigate_settings(Settings& settings, FrigateRules& rules);

}  // namespace npu::detect::frigate
