// The chip, as all processes of one state file see it: who belongs to its group, what lies in its
// memory, who holds the KV cache, and whose turn it is on the neural network core.
//
// A process that ends, however it ends, has left everything. Thread safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "hailo/hailort.h"

#include "base/clock.hpp"
#include "chip_area.hpp"
#include "device/sim/fault.hpp"
#include "settings.hpp"

namespace hailo_fake {

class Chip {
 public:
  // The chip restarts: what was begun in an earlier session is gone.
  using Session = std::uint32_t;
  enum class Wake { kTime, kStopped, kRestarted };
  using Stop = std::function<bool()>;

  Chip(const Settings& settings, std::uint64_t memory_bytes);
  Chip(const Chip&) = delete;
  Chip& operator=(const Chip&) = delete;

  Session session() const { return area_->restarts.load(); }
  bool booting() const;
  bool busy();  // running something
  void restart();

  // A connection of whatever kind takes one of the channels of the chip, of which it has 16 for all
  // programs: HAILO_DEVICE_TEMPORARILY_UNAVAILABLE where they are taken.
  hailo_status open_channel();
  void close_channel(Session session);

  // Waits until `when`. `stop` is asked after every ring().
  Wake sleep_until(npu::SteadyTime when, Session session, const Stop& stop);
  Wake sleep_for(npu::Duration time, Session session, const Stop& stop) {
    return sleep_until(std::chrono::steady_clock::now() + time, session, stop);
  }
  // Wakes everybody who waits here, in every process.
  void ring();

  // A handle of the group. HAILO_DEVICE_IN_USE while another group has the chip; the version says
  // who waits for how long.
  hailo_status join(const std::string& group, const Stop& stop);
  // The same for a generative model, which does not wait.
  hailo_status join_for_genai(const std::string& group);
  // With the last handle of all processes the memory is free again.
  void leave(Session session);

  // Core-ops of a file, and its weights. Free where they are there already.
  // HAILO_OUT_OF_HOST_MEMORY, or HAILO_INVALID_OPERATION over 26 core-ops.
  hailo_status load(std::uint64_t hash, std::uint64_t bytes, int core_ops);
  std::uint64_t used_bytes();
  // By file, in this session.
  bool resident(std::uint64_t hash);
  // Of a resident file, for all who configured it, and as long as it stays.
  void set_priority(std::uint64_t hash, int priority);
  int priority(std::uint64_t hash);

  // The status when it is taken, and how long that takes, are the version's.
  hailo_status take_kv(const Stop& stop);
  void release_kv(Session session);

  // Turns on the core: one at a time, the highest priority first, within a priority in turn; what
  // runs is not interrupted. A runner waits for its turn while it is ready.
  struct Turn {
    npu::Duration time{};
    bool again = false;  // stays ready
  };
  int add_runner();  // -1 if there are too many
  void remove_runner(int runner, Session session);
  // `update` runs while nobody takes a turn and says whether the runner is ready.
  void update_runner(int runner, int priority, Session session,
                     const std::function<bool()>& update);
  // Waits for the turn, asks `begin` what it is, and waits for its end.
  Wake take_turn(int runner, Session session, const Stop& stop, const std::function<Turn()>& begin);

  // `look` runs while no other process uses the counters.
  void with_counters(const std::function<void(npu::device::sim::FaultCounters&)>& look);

 private:
  class Access;

  void wait_for_bell(std::uint32_t seen, npu::SteadyTime until);
  // These need access.
  bool active();
  void forget_dead();
  void admit(const std::string& group);
  ChipArea::Resident* find_resident(std::uint64_t hash);
  bool kv_taken() const;
  bool is_next(int runner);

  const Settings settings_;
  const std::uint64_t memory_bytes_;
  std::mutex mutex_;
  std::unique_ptr<npu::device::sim::ChipState> state_;
  ChipArea* area_ = nullptr;
};

}  // namespace hailo_fake
