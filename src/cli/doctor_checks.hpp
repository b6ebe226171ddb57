// Examines a machine and says what keeps services from reaching the NPU, and what to do about it.
#pragma once

#include <string>
#include <vector>

#include <npu/client_types.hpp>

namespace npu::cli {

enum class Level { kGood, kWarning, kError };

struct Finding {
  Level level = Level::kGood;
  std::string what;
  std::string advice = {};  // "" where all is well
};

// Where to look; tests point it elsewhere.
struct DoctorPaths {
  std::string dev = "/dev";
  ClientOptions client;
  std::vector<std::string> model_dirs{"/usr/share/hailo/models", "/var/lib/hailo/models"};
};

// The device nodes: hailo* and h1x-*. Only the manager needs access to them.
std::vector<Finding> check_device_nodes(const DoctorPaths& paths);
// The socket's file, who may open it, and the user's groups.
std::vector<Finding> check_socket(const DoctorPaths& paths);
// The manager behind it, its version and its device.
std::vector<Finding> check_manager(const DoctorPaths& paths);
std::vector<Finding> check_model_dirs(const DoctorPaths& paths);

std::vector<Finding> examine(const DoctorPaths& paths);
// 0: all well, 1: warnings, 2: errors.
int exit_code_of(const std::vector<Finding>& findings);

}  // namespace npu::cli
