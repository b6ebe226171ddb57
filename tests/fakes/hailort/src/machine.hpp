// What this process knows of the chip and of the test that it plays in.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "hailo/hailort.h"

#include "chip.hpp"
#include "device/sim/profile.hpp"
#include "settings.hpp"

namespace hailo_fake {

// What a fault makes of an operation. Faults that never return have not.
struct Verdict {
  hailo_status status = HAILO_SUCCESS;  // what it fails with
  npu::Duration delay{};
  std::optional<npu::device::sim::WrongValue> wrong;
  bool hang = false;
  bool lost = false;           // the connection
  bool restart = false;        // of the chip
  bool no_reply = false;       // the connection's server thread stands still
  bool reply_is_lost = false;  // although the operation is done

  bool ends_session() const { return lost || restart; }
};

class Machine {
 public:
  // The one that the environment describes now. What was made under another description goes on
  // with its own.
  static std::shared_ptr<Machine> get();

  explicit Machine(Settings settings, npu::device::sim::Profile profile);

  const Settings settings;
  const npu::device::sim::Profile profile;
  Chip chip;

  // Every operation asks. A crash happens here.
  Verdict enter(npu::device::sim::FaultOp op, std::string_view model);
  // See fake_runs.hpp. Who holds the chip calls it.
  void note_run(const std::string& what) const;

 private:
  std::mutex mutex_;
  npu::device::sim::FaultCounters counters_{};
  std::optional<npu::device::sim::FaultInjector> faults_;
};

// The call never returns.
[[noreturn]] void hang();
// The same, for a verdict that says so.
[[noreturn]] void hang_after(const Verdict& verdict, Machine& machine);

}  // namespace hailo_fake
