#include "cli/doctor/config.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "cli/doctor/doctor.hpp"

namespace npu::cli {
namespace {

constexpr const char* kFile = "/etc/hailo/manager.yaml";

}  // namespace

void read_config(Machine& machine, bool take_group_id, bool take_model_dirs) {
  const auto text = machine.text(kFile);
  if (!text) return;
  try {
    const YAML::Node root = YAML::Load(*text);
    if (!root.IsMap()) {
      if (!root.IsNull()) machine.config_problem = "it is no YAML mapping";
      return;
    }
    machine.config_file = kFile;
    if (const auto device = root["device"]; take_group_id && device && device.IsMap()) {
      const auto id = device["group_id"];
      if (id) machine.group_id = id.as<std::string>();
      if (machine.group_id == "-1") machine.group_id = "SHARED";  // as the manager takes it
    }
    if (const auto models = root["models"]; take_model_dirs && models && models.IsMap()) {
      if (const auto dirs = models["dirs"])
        machine.model_dirs = dirs.as<std::vector<std::string>>();
    }
  } catch (const YAML::Exception& error) {
    machine.config_problem = error.what();
  }
}

Findings check_config(const Machine& machine) {
  if (!machine.config_problem.empty()) {
    return {{"config", Level::kError,
             fmt::format("{} cannot be read: {}", kFile, machine.config_problem),
             "hailo-device-manager --check-config  says more"}};
  }
  if (machine.config_file.empty()) return {};
  return {{"config", Level::kGood,
           fmt::format("{} is taken into account: group id {}", kFile, machine.group_id)}};
}

}  // namespace npu::cli
