// Faults on order, for tests of everything above the device.
//
// They come from the profile and from the file that HAILO_SIM_FAULTS names, which is looked at
// again before every operation and may be written, replaced and removed at any time. What has
// happened is in the file of that name and ".fired", a line each: kind, operation, model, id.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

#include "base/clock.hpp"

namespace YAML {
class Node;
}

namespace npu::device::sim {

// From kStatus on only a fake of HailoRT knows how they are; here they are errors.
enum class FaultKind {
  kHang,
  kCrash,
  kSlow,
  kOutOfMemory,
  kDeviceLost,
  kWrongOutput,
  kError,
  kTrespass,
  kStatus,
  kRestart,
  kNoReply,
  kSpuriousTimeout,
  kRestartHang,
};
// From kScan on only a fake of HailoRT does them.
enum class FaultOp {
  kLoad,
  kInfer,
  kUnload,
  kTelemetry,
  kReleaseGroup,
  kScan,
  kConnect,
  kUpload,
  kRead,
  kFinish,
};
// What a model that has taken over its worker would try.
enum class Trespass { kOpen, kWrite, kConnect, kFork, kExec, kPtrace, kKill };
enum class WrongValue { kNan, kZero };

struct Fault {
  FaultKind kind = FaultKind::kError;
  FaultOp op = FaultOp::kInfer;
  std::string model = "*";    // file stem, or "*"
  std::uint32_t after = 0;    // this many matching operations pass first
  std::uint32_t times = 1;    // then this many fail; 0: all
  Duration delay{};           // kSlow
  std::optional<int> status;  // kStatus; kOutOfMemory: instead of the usual one
  WrongValue value = WrongValue::kNan;
  Trespass attempt = Trespass::kOpen;
  std::string id;  // tells equal faults apart; a new id starts to count anew
};

// How often a fault's operation was seen. Lives in ChipState, so that the count survives the
// process that crashed on it. Where all are in use those of faults that are no longer ordered are
// given to new ones.
struct FaultCounter {
  std::uint64_t key = 0;  // hash of the fault; 0: free
  std::uint32_t seen = 0;
  std::uint32_t reserved = 0;
};
using FaultCounters = std::array<FaultCounter, 64>;

// The list under `faults:`; empty for an undefined node. Throws YamlError.
std::vector<Fault> read_fault_list(const YAML::Node& node);

class FaultInjector {
 public:
  // counters outlive the injector. control_file: empty for none.
  FaultInjector(std::vector<Fault> from_profile, FaultCounters& counters, std::string control_file);

  // The first fault that is due for this operation. Every fault that matches counts it.
  std::optional<Fault> due(FaultOp op, std::string_view model);

 private:
  void look_at_control_file();
  bool counts_down(const Fault& fault);
  FaultCounter* counter_of(const Fault& fault);
  void forget_old_counters();
  void note(const Fault& fault, std::string_view model) const;

  std::vector<Fault> from_profile_;
  std::vector<Fault> from_file_;
  FaultCounters& counters_;
  std::string control_file_;
  struct timespec modified_{};
  ino_t inode_ = 0;
  off_t size_ = -1;
};

// kHang never returns, kCrash aborts the process.
[[noreturn]] void hang();
[[noreturn]] void crash();

}  // namespace npu::device::sim
