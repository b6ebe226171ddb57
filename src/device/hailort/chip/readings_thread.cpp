#include "device/hailort/chip/readings_thread.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "base/log.hpp"
#include "device/hailort/chip/readings.hpp"

namespace npu::device::hailort {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr Duration kTemperatureEvery = 2s;
// The chip runs a program for it and watches its own load for a while.
constexpr Duration kPerformanceEvery = 10s;
constexpr Duration kHealthEvery = 30s;
constexpr Duration kFirstWithin = 1s;
constexpr Duration kNewWithin = 3s;
constexpr Duration kEndWithin = 2s;

void log_refusal(hailo_status status, std::string_view what) {
  log::debug("the device did not tell {}: {} ({})", what, status_name(status),
             static_cast<int>(status));
}

bool is_old(const std::optional<SteadyTime>& at, Duration every) {
  return !at || steady_clock::now() - *at >= every;
}

}  // namespace

struct ReadingsThread::State {
  State(std::shared_ptr<Chip> on, Duration after) : chip(std::move(on)), close_after(after) {}

  const std::shared_ptr<Chip> chip;
  const Duration close_after;
  std::unique_ptr<sdk::Device> device;  // the thread's
  std::optional<SteadyTime> health_at;  // the thread's
  std::int32_t failed_self_tests = 0;   // the thread's

  std::mutex mutex;
  std::condition_variable changed;
  bool started = false;
  bool ended = false;
  bool stop = false;
  bool asked = false;
  int wanted = 0;  // readings of the memory, counted
  int done = 0;
  int missed = 0;  // the last one that did not come in time
  std::optional<SteadyTime> temperature_at;
  std::optional<SteadyTime> performance_at;
  Telemetry latest;
};

ReadingsThread::ReadingsThread(std::shared_ptr<Chip> chip, Duration close_after)
    : state_(std::make_shared<State>(std::move(chip), close_after)) {}

ReadingsThread::~ReadingsThread() {
  std::unique_lock lock(state_->mutex);
  state_->stop = true;
  state_->changed.notify_all();
  state_->changed.wait_for(lock, kEndWithin, [&] { return !state_->started || state_->ended; });
}

// With the lock.
void ReadingsThread::start() {
  state_->started = true;
  std::thread(serve, state_).detach();
}

Telemetry ReadingsThread::latest() {
  auto& state = *state_;
  std::unique_lock lock(state.mutex);
  if (state.chip->lost()) return {};
  if (is_old(state.temperature_at, kTemperatureEvery) ||
      is_old(state.performance_at, kPerformanceEvery)) {
    state.asked = true;
    state.changed.notify_all();
  }
  if (!state.started) {
    start();
    state.changed.wait_for(lock, kFirstWithin, [&] { return state.performance_at || state.ended; });
  }
  return state.latest;
}

std::optional<std::uint64_t> ReadingsThread::memory_used(RunContext& context) {
  auto& state = *state_;
  int reading = 0;
  {
    const std::lock_guard lock(state.mutex);
    if (state.chip->lost() || state.done < state.missed) return std::nullopt;
    if (!state.started) start();
    reading = ++state.wanted;
    state.asked = true;
    state.changed.notify_all();
  }
  std::optional<std::uint64_t> used;
  context.while_waiting([&] {
    std::unique_lock lock(state.mutex);
    state.changed.wait_for(lock, kNewWithin, [&] { return state.done >= reading || state.ended; });
    if (state.done >= reading) {
      used = state.latest.memory_used_bytes;
    } else {
      state.missed = reading;
    }
  });
  return used;
}

void ReadingsThread::serve(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  while (!state->stop && !state->chip->lost()) {
    const bool due = state->changed.wait_for(lock, state->close_after,
                                             [&] { return state->asked || state->stop; });
    if (state->stop) break;
    state->asked = false;
    const int wanted = state->wanted;
    const bool performance =
        state->done < wanted || is_old(state->performance_at, kPerformanceEvery);
    lock.unlock();
    if (due) {
      read(*state, performance);
    } else {
      close(*state);
    }
    lock.lock();
    if (!due) continue;
    state->done = wanted;
    state->changed.notify_all();
  }
  lock.unlock();
  close(*state);
  lock.lock();
  state->ended = true;
  state->changed.notify_all();
}

void ReadingsThread::read(State& state, bool performance) {
  if (!state.device) {
    auto device = state.chip->device_connection();
    if (!device) {
      const std::lock_guard lock(state.mutex);
      state.temperature_at = state.performance_at = steady_clock::now();
      state.latest = {};
      return;
    }
    state.device = std::move(*device);
  }
  const auto heat = state.device->get_chip_temperature();
  const auto load =
      performance ? std::optional(state.device->query_performance_stats()) : std::nullopt;
  if (performance && is_old(state.health_at, kHealthEvery)) read_health(state);
  {
    const std::lock_guard lock(state.mutex);
    state.temperature_at = steady_clock::now();
    state.latest.temperature_celsius =
        heat.has_value() ? temperature_reading(heat->ts0_temperature, heat->ts1_temperature)
                         : std::nullopt;
    if (load) {
      state.performance_at = steady_clock::now();
      std::optional<MemoryReading> memory;
      state.latest.utilisation = std::nullopt;
      if (load->has_value()) {
        const auto& stats = load->value();
        memory = memory_reading(stats.ram_size_total, stats.ram_size_used);
        state.latest.utilisation = utilisation_reading(stats.nnc_utilization);
      }
      state.latest.memory_total_bytes = memory ? std::optional(memory->total_bytes) : std::nullopt;
      state.latest.memory_used_bytes = memory ? memory->used_bytes : std::nullopt;
    }
  }
  if (load && !load->has_value()) log_refusal(load->status(), "memory and load");
  if (heat.has_value()) return state.chip->went_well(Operation::kReadings);
  // What a device does not measure is not a fault.
  if (classify(heat.status(), Operation::kReadings) == StatusClass::kCallerError) {
    return log_refusal(heat.status(), "the temperature");
  }
  (void)state.chip->error_of(heat.status(), Operation::kReadings, "reading the temperature");
  close(state);
}

void ReadingsThread::read_health(State& state) {
  state.health_at = steady_clock::now();
  const auto health = state.device->query_health_stats();
  if (!health.has_value()) return log_refusal(health.status(), "the health");
#ifdef NPU_HAILORT_FAILED_SELF_TESTS
  const std::int32_t failed = self_test_reading(health->bist_failure_mask);
  if (failed != 0 && failed != state.failed_self_tests) {
    log::warning("{}: self-tests of the chip failed (mask {:#x}); its results may be wrong",
                 state.chip->identity().id, failed);
  }
  state.failed_self_tests = failed;
#endif
}

void ReadingsThread::close(State& state) {
  if (state.chip->lost()) {
    Chip::abandon(std::shared_ptr<sdk::Device>(std::move(state.device)));
  } else {
    state.device.reset();
  }
}

}  // namespace npu::device::hailort
