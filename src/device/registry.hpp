// The devices that this build can open. A new adapter is one folder and one line in registry.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "base/clock.hpp"
#include "confine/rules.hpp"
#include "device/device.hpp"

namespace npu::device {

struct OpenOptions {
  int threads = 0;  // CPU threads of one inference; 0: all cores but one
  // CPU: bytes that a load or a run may take; 0 takes them from the size of the model's file.
  std::uint64_t model_memory = 0;
  Duration run_limit = Duration::max();  // CPU: longest time of a run
  std::string sim_profile;               // built-in name or file; empty: hailo10h
  std::string sim_state;  // file that simulated lanes of one chip share; empty: no sharing
  // HailoRT: programs that name the same group share the chip; with "UNIQUE" nobody else may use
  // it.
  std::string group_id = "SHARED";
  // HailoRT: folder of the adapters, one for each HailoRT version; empty: where they are installed.
  std::string adapter_dir;
  // HailoRT: frames of realtime requests that may overtake generated tokens, a second; more of them
  // run as equals of the tokens.
  double realtime_fps = 30;
  std::vector<std::string> model_dirs;  // where HailoRT may open models; the last part may hold *
  const Clock* clock = nullptr;         // outlives the device; null: the system's clock
};

struct Adapter {
  std::string_view kind;
  // Whether `auto` may choose it on this machine. Never for the simulated device.
  bool (*present)(const OpenOptions& options);
  // What it needs of the system from before it is opened until its end.
  confine::Rules (*needs)(const OpenOptions& options);
  Result<std::unique_ptr<Device>> (*open)(const OpenOptions& options);
};

// kind: an adapter's, or "auto". kUnsupported lists what there is; kUnavailable if `auto` finds
// none.
Result<const Adapter*> find_adapter(std::string_view kind, const OpenOptions& options);
Result<std::unique_ptr<Device>> open_device(std::string_view kind, const OpenOptions& options);

}  // namespace npu::device
