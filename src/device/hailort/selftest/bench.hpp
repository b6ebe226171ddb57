// What the hardware checks have in common: options, connections, measuring.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "device/hailort/sdk.hpp"
#include "device/hailort/selftest/on_reading.hpp"
#include "device/hailort/status.hpp"

namespace npu::device::hailort::selftest {

using Answer = Result<boost::json::object>;

class Bench {
 public:
  // device: id of the one that is asked, whatever others there are.
  Bench(const boost::json::object& options, const OnReading& on_reading, std::string device = {});

  // "" where it is not given.
  std::string file(std::string_view name) const;
  bool flag(std::string_view name) const;
  const std::string& device() const { return device_; }
  // How often to repeat: `normal`, or `few` where the user is in a hurry.
  int repeat(int normal, int few) const { return flag("short") ? few : normal; }

  // Adds a reading to those of the check, and tells it.
  void note(boost::json::object& out, std::string_view name, boost::json::value reading) const;

  // Of the device, in the group of the options.
  Result<hailo_vdevice_params_t> params() const;
  // One more connection in that group.
  Result<std::shared_ptr<sdk::VDevice>> connect() const;
  // A connection for readings, not part of the group.
  Result<std::unique_ptr<sdk::Device>> readings() const;

 private:
  const boost::json::object& options_;
  const OnReading& on_reading_;
  std::string group_id_;
  std::string device_;
};

tl::unexpected<Error> refused(hailo_status status, Operation operation, std::string_view what);
// The answer of a check that this HailoRT has no call for.
boost::json::object skipped(std::string why);
// skipped() where the status says so, else refused().
Answer refused_or_skipped(hailo_status status, Operation operation, std::string_view what);

// Bytes of the chip's memory in use, as it says; page cache counts.
std::optional<std::int64_t> memory_used(sdk::Device& device);
boost::json::value or_null(const std::optional<std::int64_t>& number);
// "12.3 MB".
std::string megabytes(std::int64_t bytes);

class Stopwatch {
 public:
  double ms() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin_)
        .count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

// Gives the chip time to clean up behind what was dropped.
void settle(const Bench& bench);

// {"status": 62, "name": "HAILO_COMMUNICATION_CLOSED"}
boost::json::object status_json(hailo_status status);
// "62 (HAILO_COMMUNICATION_CLOSED)"
std::string status_text(hailo_status status);
// {"n", "min_ms", "p50_ms", "p90_ms", "p99_ms", "max_ms"}; the values in any order.
boost::json::object spread(std::vector<double> values_ms);

// A call that may never come back, in a thread of its own. What it uses must not be destroyed then,
// so the function object holds it: that goes when the call is over, and never where it hangs.
class Pending {
 public:
  explicit Pending(std::function<hailo_status()> call);
  // {"status", "name", "ms"}, or {"hangs": true, "ms"} where it is not over at `deadline`, a time
  // after the call began.
  boost::json::object wait(std::chrono::milliseconds deadline) const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};
boost::json::object bounded(std::function<hailo_status()> call, std::chrono::milliseconds limit);

}  // namespace npu::device::hailort::selftest
