// A real manager for benchmarks: its own run directory, no HTTP.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "child.hpp"

namespace npu::bench {

class ManagerProcess {
 public:
  struct OnCpu {};

  // On the simulated device. profile: a file name under src/device/sim/profiles, or the absolute
  // path of another. Ends the program with a message if the manager does not come up within ten
  // seconds.
  explicit ManagerProcess(const std::filesystem::path& profile);
  // On ONNX Runtime, with the models of tests/data/models.
  explicit ManagerProcess(OnCpu);

  std::string socket_path() const { return scratch_.path() / "device.sock"; }
  // Makes a stand-in file for a model that the profile knows by this stem; its path.
  std::string model(const std::string& stem) const;
  // Resident set of the manager itself, without its workers, in MB (10^6 bytes).
  double resident_mb() const;

 private:
  std::vector<std::string> arguments(std::vector<std::string> device,
                                     const std::string& models) const;
  void await() const;

  Scratch scratch_;
  Child child_;
};

}  // namespace npu::bench
