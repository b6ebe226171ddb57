// What the manager is told by its configuration file, as far as hailoctl needs it.
#pragma once

#include <string>
#include <vector>

#include <npu/result.hpp>

namespace npu::cli {

inline constexpr const char* kManagerConfigFile = "/etc/hailo/manager.yaml";

struct ManagerConfig {
  std::string group_id;                 // device.group_id; "" where it is not said
  std::vector<std::string> model_dirs;  // models.dirs; empty where they are not said
};

// kMalformed where it is no YAML mapping, or these are of another type. An empty text says nothing.
Result<ManagerConfig> parse_manager_config(const std::string& yaml);

}  // namespace npu::cli
