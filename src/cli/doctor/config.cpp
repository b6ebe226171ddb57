#include "cli/doctor/config.hpp"

#include <fmt/format.h>

#include "cli/doctor/doctor.hpp"
#include "cli/manager_config.hpp"

namespace npu::cli {

void read_config(Machine& machine, bool take_group_id, bool take_model_dirs) {
  const auto text = machine.text(kManagerConfigFile);
  if (!text) return;
  const auto config = parse_manager_config(*text);
  if (!config) {
    machine.config_problem = config.error().message;
    return;
  }
  machine.config_file = kManagerConfigFile;
  if (take_group_id && !config->group_id.empty()) machine.group_id = config->group_id;
  if (take_model_dirs && !config->model_dirs.empty()) machine.model_dirs = config->model_dirs;
}

Findings check_config(const Machine& machine) {
  if (!machine.config_problem.empty()) {
    return {{"config", Level::kError,
             fmt::format("{} cannot be read: {}", kManagerConfigFile, machine.config_problem),
             "hailo-device-manager --check-config  says more"}};
  }
  if (machine.config_file.empty()) return {};
  return {
      {"config", Level::kGood,
       fmt::format("{} is taken into account: group id {}", kManagerConfigFile, machine.group_id)}};
}

}  // namespace npu::cli
