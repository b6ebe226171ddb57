// A real manager for benchmarks: its own run directory, the simulated device, no HTTP.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace npu::bench {

class ManagerProcess {
 public:
  // profile: a file name under src/device/sim/profiles. Ends the program with a message if the
  // manager does not come up within ten seconds.
  explicit ManagerProcess(const std::string& profile, std::vector<std::string> extra_args = {});
  ~ManagerProcess();
  ManagerProcess(const ManagerProcess&) = delete;
  ManagerProcess& operator=(const ManagerProcess&) = delete;

  std::string socket_path() const { return (dir_ / "device.sock").string(); }
  // Makes a stand-in file for a model that the profile knows by this stem; its path.
  std::string model(const std::string& stem) const;
  // Resident set of the manager itself, without its workers, in MB (10^6 bytes).
  double resident_mb() const;

 private:
  std::filesystem::path dir_;
  pid_t pid_ = -1;
};

}  // namespace npu::bench
