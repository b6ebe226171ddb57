#include "cli/manager_config.hpp"

#include <yaml-cpp/yaml.h>

namespace npu::cli {
namespace {

ManagerConfig read(const YAML::Node& root) {
  ManagerConfig config;
  if (const auto device = root["device"]; device && device.IsMap()) {
    if (const auto id = device["group_id"]) config.group_id = id.as<std::string>();
    if (config.group_id == "-1") config.group_id = "SHARED";  // as the manager takes it
  }
  if (const auto models = root["models"]; models && models.IsMap()) {
    if (const auto dirs = models["dirs"]) config.model_dirs = dirs.as<std::vector<std::string>>();
  }
  return config;
}

}  // namespace

Result<ManagerConfig> parse_manager_config(const std::string& yaml) {
  try {
    const YAML::Node root = YAML::Load(yaml);
    if (root.IsNull()) return ManagerConfig{};
    if (!root.IsMap()) return fail(ErrorCode::kMalformed, "it is no YAML mapping");
    return read(root);
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::kMalformed, error.what());
  }
}

}  // namespace npu::cli
