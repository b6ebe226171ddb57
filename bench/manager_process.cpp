#include "manager_process.hpp"

#include <fstream>

#include "base/unix_socket.hpp"

namespace npu::bench {

namespace {

constexpr const char* kProgram = "hailo-device-manager";

std::filesystem::path created(const std::filesystem::path& folder) {
  std::filesystem::create_directory(folder);
  return folder;
}

}  // namespace

ManagerProcess::ManagerProcess(const std::filesystem::path& profile)
    : child_(kProgram, arguments({"--device", "sim", "--sim-profile",
                                  std::filesystem::path(NPU_SIM_PROFILES) / profile},
                                 created(scratch_.path() / "models"))) {
  await();
}

ManagerProcess::ManagerProcess(OnCpu)
    : child_(kProgram, arguments({"--device", "onnx"}, NPU_TEST_MODELS)) {
  await();
}

std::vector<std::string> ManagerProcess::arguments(std::vector<std::string> device,
                                                   const std::string& models) const {
  device.insert(device.end(), {"--socket-path", socket_path(), "--model-dirs", models, "--http",
                               "off", "--log-level", "warning"});
  return device;
}

void ManagerProcess::await() const {
  child_.await([this] { return unix_connect(socket_path()).has_value(); });
}

std::string ManagerProcess::model(const std::string& stem) const {
  const auto path = scratch_.path() / "models" / (stem + ".hef");
  std::ofstream(path) << "\x01HEF";
  return path;
}

double ManagerProcess::resident_mb() const { return child_.memory_mb("VmRSS"); }

}  // namespace npu::bench
