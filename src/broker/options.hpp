// What the broker is told once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"

namespace npu::broker {

struct Options {
  std::size_t max_queued = 512;             // requests waiting, all clients; over it kOverloaded
  std::size_t max_queued_per_client = 128;  // over it kQuotaExceeded
  std::uint64_t max_queued_bytes = std::uint64_t{1} << 30;
  // Of these numbers and bytes one user may have what base/dynamic_threshold.hpp says.
  std::size_t max_in_flight_per_lane = 2;    // of them one waits, on a lane that runs one at once
  Duration aging = std::chrono::seconds(5);  // waiting this long lifts a request by one class
  double realtime_share = 0.5;  // of a lane's time, for one user's realtime before others' work
  Duration default_keep_alive = Duration::max();
  Duration min_residency = std::chrono::seconds(2);
  Duration load_watchdog = std::chrono::seconds(180);
  // Without an answer and without a sign of progress: vision and speech, generation.
  Duration infer_watchdog = std::chrono::seconds(60);
  Duration generation_watchdog = std::chrono::seconds(600);
  // How long a model is refused that has ended its worker, at first (quarantine.hpp); 0: not at
  // all.
  Duration first_refusal = std::chrono::seconds(5);
  Duration idle_lane = std::chrono::minutes(10);  // a lane without models and work ends after this
  // Between two looks for a device that is not there, while nobody has work for it.
  Duration device_wait = std::chrono::seconds(60);
  // On the device at a time, whatever memory they take; of them, those that one user brought
  // in and nobody else has used.
  std::size_t max_models = 256;
  std::size_t max_models_per_user = 64;
  // Of those who are no administrators: models that one user keeps pinned; what all of them pin, as
  // a part of memory_bytes.
  std::size_t max_pins_per_user = 8;
  double max_pinned_share = 0.5;
  std::uint64_t memory_bytes = 0;  // what models may use together; 0 is without bound
  bool group_release = false;      // device::DeviceInfo::group_release
};

}  // namespace npu::broker
