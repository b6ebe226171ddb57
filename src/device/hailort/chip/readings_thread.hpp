// Temperature, memory, load and health of the chip, read on a connection and a thread of their own.
//
// A reading takes the chip up to 0.3 s, and for ever when it hangs. Nothing is read unless somebody
// asks, and no more often than makes sense; a connection that is long of no use is closed.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "device/device.hpp"
#include "device/hailort/chip/chip.hpp"

namespace npu::device::hailort {

class ReadingsThread {
 public:
  // close_after: so long without a question the connection is closed.
  explicit ReadingsThread(std::shared_ptr<Chip> chip,
                          Duration close_after = std::chrono::minutes(1));
  // Waits a moment for a reading that is under way; one that hangs is left behind.
  ~ReadingsThread();
  ReadingsThread(const ReadingsThread&) = delete;
  ReadingsThread& operator=(const ReadingsThread&) = delete;

  // What was read last, empty where the chip does not say; a newer reading is begun where that is
  // old. Only the very first call waits, a second at most.
  Telemetry latest();
  // From a reading that begins now. Waits for it 3 s at most, and not at all for a chip that did
  // not give the last one yet.
  std::optional<std::uint64_t> memory_used(RunContext& context);

 private:
  struct State;
  void start();
  static void serve(const std::shared_ptr<State>& state);
  static void read(State& state, bool performance);
  static void read_health(State& state);
  static void close(State& state);

  std::shared_ptr<State> state_;
};

}  // namespace npu::device::hailort
