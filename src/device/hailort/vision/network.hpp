// A network that is configured on the chip, and the memory in which its frames travel.
//
// A run takes a slot, fills it, launches it and waits for its flight. Slots are few: more frames
// under way only wait longer, and the chip keeps memory for each. Not thread safe but for what
// says so; whoever holds a slot holds the network.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include <npu/result.hpp>

#include "device/device.hpp"
#include "device/hailort/chip/chip.hpp"
#include "device/hailort/chip/page_memory.hpp"
#include "device/hailort/vision/flight.hpp"
#include "device/hailort/vision/tensor_ports.hpp"

namespace npu::device::hailort {

// Runs of one model that are worth having under way: one comes in, one is computed, one goes out.
inline constexpr int kSlots = 3;

class Network {
 public:
  // One run's frames, a batch of them, with pages for what cannot travel in the caller's memory.
  class Slot {
   public:
    // Where frame `index` of a port is staged.
    std::span<std::byte> input(std::size_t port, int index) const;
    std::span<std::byte> output(std::size_t port, int index) const;

   private:
    friend class Network;
    std::vector<sdk::ConfiguredInferModel::Bindings> bindings_;  // of each frame
    std::vector<PageBuffer> inputs_;                             // of each port, all frames
    std::vector<PageBuffer> outputs_;
  };

  // Blocks while the chip works. The status tells why it failed; other errors are of the host.
  struct Failure {
    hailo_status status = HAILO_SUCCESS;
    Error error;  // where status is success
  };
  static tl::expected<std::shared_ptr<Network>, Failure> configure(
      sdk::InferModel& model, const TensorPorts& ports, std::shared_ptr<Connection> connection);
  // Every flight has to be over: callbacks use what is destroyed here.
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  Connection& connection() { return *connection_; }

  // None where all are taken.
  Slot* take_slot();
  void give_back(Slot* slot);  // thread safe
  // Waits for a free slot; thread safe. False where none is free by then.
  bool wait_for_slot(SteadyTime until);

  // A run of this priority is under way until leave(). 0..31, larger is sooner; 16 is what tokens
  // of generated text have. Thread safe.
  void enter(int priority);
  void leave(int priority);
  // The chip has one priority for all frames of a network, those that wait there included: the
  // highest of the runs under way, 16 where there is none. Thread safe; asks the chip, and only for
  // a change.
  hailo_status update_priority();
  bool priority_is_right() { return wanted_priority() == priority_; }
  int priority() const { return priority_; }

  // Binds where frame `index` of a port comes from or goes to, which has to stay until the frame
  // is back.
  hailo_status bind_input(Slot& slot, std::size_t port, int index,
                          std::span<const std::byte> memory);
  hailo_status bind_output(Slot& slot, std::size_t port, int index, std::span<std::byte> memory);

  // Gives all frames of the slot to the library. After a failure the network is dead, and what was
  // taken before it may still be under way. Once a frame has failed, of whatever run, no more are
  // given: each that is refused at once costs the chip a buffer, and after twice the queue the
  // connection stands still and breaks.
  hailo_status launch(Slot& slot, const std::shared_ptr<Flight>& flight);
  // A batch is larger than the chip's queue: launch() waits for the first frames of it.
  bool launching_waits() const { return static_cast<std::size_t>(ports_.batch) > queue_; }
  // The network is dead from now on.
  void take_no_more() { dead_ = true; }
  // Ends what is under way; the network is dead. Asks the chip, once: who comes meanwhile waits for
  // that answer. Thread safe.
  hailo_status shut_down();
  // A dead network takes no more frames, and those under way come back aborted.
  bool dead() const { return dead_; }

 private:
  static constexpr int kUnknown = -1;

  Network(sdk::ConfiguredInferModel model, const TensorPorts& ports,
          std::shared_ptr<Connection> connection);
  Status make_slots(std::size_t count);
  Result<std::unique_ptr<Slot>> make_slot();
  int wanted_priority();
  hailo_status after_failure(const Flight& flight);

  const TensorPorts ports_;
  const std::shared_ptr<Connection> connection_;
  sdk::ConfiguredInferModel model_;
  std::size_t queue_ = 0;  // frames that the chip takes
  std::atomic<bool> dead_ = false;
  std::atomic<bool> frame_failed_ = false;
  std::vector<std::unique_ptr<Slot>> slots_;

  // Each is held while the chip is asked. mutex_ may be taken inside of them, never they inside of
  // it or of each other.
  std::mutex priority_mutex_;  // guards the change of priority_
  std::mutex shut_down_mutex_;
  std::atomic<int> priority_ = kUnknown;   // as the chip has it; unknown while it is asked
  std::optional<hailo_status> shut_down_;  // guarded by shut_down_mutex_

  std::mutex mutex_;  // guards the following; never held while something else is waited for
  std::condition_variable freed_;
  std::vector<Slot*> free_;
  std::multiset<int> under_way_;  // priorities of the runs
};

}  // namespace npu::device::hailort
