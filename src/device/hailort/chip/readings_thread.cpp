#include "device/hailort/chip/readings_thread.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "device/hailort/chip/readings.hpp"

namespace npu::device::hailort {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr Duration kTemperatureEvery = 2s;
// The chip runs a program for it and watches its own load for a while.
constexpr Duration kPerformanceEvery = 10s;
constexpr Duration kAnswerWithin = 1s;
constexpr Duration kEndWithin = 2s;

}  // namespace

struct ReadingsThread::State {
  explicit State(std::shared_ptr<Chip> on) : chip(std::move(on)) {}

  const std::shared_ptr<Chip> chip;
  std::unique_ptr<sdk::Device> device;  // the thread's

  std::mutex mutex;
  std::condition_variable changed;
  bool started = false;
  bool ended = false;
  bool stop = false;
  bool asked = false;
  int wanted = 1;  // readings of the memory, counted
  int done = 0;
  std::optional<SteadyTime> temperature_at;
  std::optional<SteadyTime> performance_at;
  Telemetry latest;
};

ReadingsThread::ReadingsThread(std::shared_ptr<Chip> chip)
    : state_(std::make_shared<State>(std::move(chip))) {}

ReadingsThread::~ReadingsThread() {
  std::unique_lock lock(state_->mutex);
  state_->stop = true;
  state_->changed.notify_all();
  state_->changed.wait_for(lock, kEndWithin, [&] { return !state_->started || state_->ended; });
}

Telemetry ReadingsThread::latest() {
  std::unique_lock lock(state_->mutex);
  if (state_->chip->lost()) return {};
  if (!state_->started) {
    state_->started = true;
    std::thread(serve, state_).detach();
  }
  const auto now = steady_clock::now();
  const auto old = [&](const std::optional<SteadyTime>& at, Duration every) {
    return !at || now - *at >= every;
  };
  const int wanted = state_->wanted;
  if (state_->done < wanted || old(state_->temperature_at, kTemperatureEvery) ||
      old(state_->performance_at, kPerformanceEvery)) {
    state_->asked = true;
    state_->changed.notify_all();
  }
  state_->changed.wait_for(lock, kAnswerWithin,
                           [&] { return state_->done >= wanted || state_->ended; });
  return state_->latest;
}

void ReadingsThread::memory_changed() {
  const std::lock_guard lock(state_->mutex);
  ++state_->wanted;
}

void ReadingsThread::serve(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  while (!state->stop && !state->chip->lost()) {
    state->changed.wait(lock, [&] { return state->asked || state->stop; });
    if (state->stop) break;
    state->asked = false;
    const int wanted = state->wanted;
    const bool performance = state->done < wanted || !state->performance_at ||
                             steady_clock::now() - *state->performance_at >= kPerformanceEvery;
    lock.unlock();
    read(*state, performance);
    lock.lock();
    state->done = wanted;
    state->changed.notify_all();
  }
  state->ended = true;
  close(*state);
  state->changed.notify_all();
}

void ReadingsThread::read(State& state, bool performance) {
  if (!state.device) {
    auto device = state.chip->device_connection();
    if (!device) return;
    state.device = std::move(*device);
  }
  const auto heat = state.device->get_chip_temperature();
  const auto load =
      performance ? std::optional(state.device->query_performance_stats()) : std::nullopt;
  hailo_status broken = HAILO_SUCCESS;
  {
    const std::lock_guard lock(state.mutex);
    state.temperature_at = steady_clock::now();
    if (heat.has_value()) {
      state.latest.temperature_celsius =
          temperature_reading(heat->ts0_temperature, heat->ts1_temperature);
    } else {
      broken = heat.status();
    }
    if (load) state.performance_at = steady_clock::now();
    if (load && load->has_value()) {
      const auto& stats = load->value();
      const auto memory = memory_reading(stats.ram_size_total, stats.ram_size_used);
      state.latest.memory_total_bytes = memory ? std::optional(memory->total_bytes) : std::nullopt;
      state.latest.memory_used_bytes = memory ? memory->used_bytes : std::nullopt;
      state.latest.utilisation = utilisation_reading(stats.nnc_utilization);
    }
  }
  // What a device does not measure is not a fault.
  if (broken == HAILO_SUCCESS ||
      classify(broken, Operation::kReadings) == StatusClass::kCallerError)
    return;
  (void)state.chip->error_of(broken, Operation::kReadings, "reading the temperature");
  close(state);
}

void ReadingsThread::close(State& state) {
  if (state.chip->lost()) {
    Chip::abandon(std::shared_ptr<sdk::Device>(std::move(state.device)));
  } else {
    state.device.reset();
  }
}

}  // namespace npu::device::hailort
