// Temperature, memory and load of the chip, read on a connection and a thread of their own.
//
// A reading takes the chip up to 0.3 s, and for ever when it hangs: nobody waits for that. Nothing
// is read unless somebody asks, and no more often than makes sense.
#pragma once

#include <memory>

#include "device/device.hpp"
#include "device/hailort/chip/chip.hpp"

namespace npu::device::hailort {

class ReadingsThread {
 public:
  explicit ReadingsThread(std::shared_ptr<Chip> chip);
  // Waits a moment for a reading that is under way; one that hangs is left behind.
  ~ReadingsThread();
  ReadingsThread(const ReadingsThread&) = delete;
  ReadingsThread& operator=(const ReadingsThread&) = delete;

  // What was read last; a newer reading is begun where that is old. Waits, a second at most, for
  // the first one and for the first after memory_changed(). Empty where the chip does not say.
  Telemetry latest();
  void memory_changed();

 private:
  struct State;
  static void serve(const std::shared_ptr<State>& state);
  static void read(State& state, bool performance);
  static void close(State& state);

  std::shared_ptr<State> state_;
};

}  // namespace npu::device::hailort
