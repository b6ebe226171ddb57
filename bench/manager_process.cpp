#include "manager_process.hpp"

#include <cstdlib>
#include <fstream>

#include "base/unix_socket.hpp"

namespace npu::bench {

namespace {

std::filesystem::path created(const std::filesystem::path& folder) {
  std::filesystem::create_directory(folder);
  return folder;
}

}  // namespace

ManagerProcess::ManagerProcess(const std::string& profile)
    : child_("hailo-device-manager",
             {"--socket-path", socket_path(), "--device", "sim", "--sim-profile",
              std::string(NPU_SIM_PROFILES) + "/" + profile, "--model-dirs",
              created(scratch_.path() / "models"), "--http", "off", "--log-level", "warning"}) {
  child_.await([this] { return unix_connect(socket_path()).has_value(); });
}

std::string ManagerProcess::model(const std::string& stem) const {
  const auto path = scratch_.path() / "models" / (stem + ".hef");
  std::ofstream(path) << "\x01HEF";
  return path;
}

double ManagerProcess::resident_mb() const {
  std::ifstream status("/proc/" + std::to_string(child_.pid()) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::strtod(line.c_str() + 6, nullptr) * 1024 / 1e6;
  }
  return 0;
}

}  // namespace npu::bench
