// One chip as this process uses it: which one it is, whether it still answers, and the connections
// to it.
//
// On a Hailo-10H everything is a remote call to a server on the chip, and every VDevice object is
// a connection with one queue there: a slow call holds up what stands behind it. So models that
// must not wait for each other get VDevice objects of their own; the group id makes them one device
// on the chip. Thread safe.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "base/clock.hpp"
#include "device/hailort/chip/connection.hpp"
#include "device/hailort/chip/identify.hpp"
#include "device/hailort/sdk.hpp"
#include "device/hailort/status.hpp"
#include "device/registry.hpp"

namespace npu::device::hailort {

class Chip {
 public:
  // kUnavailable, kVersionMismatch, kBusy as Plugin::open says.
  static Result<std::shared_ptr<Chip>> open(const OpenOptions& options);
  Chip(const Chip&) = delete;
  Chip& operator=(const Chip&) = delete;

  const Identity& identity() const { return identity_; }
  const Clock& clock() const { return clock_; }

  // kDeviceLost once it was lost. To be asked before the chip is.
  Status alive() const;
  bool lost() const { return lost_; }
  // The error to report for a status, which is also logged. A loss is remembered. Where the status
  // does not tell whether the chip is there, it is asked on a connection of its own.
  Error error_of(hailo_status status, Operation operation, std::string_view what,
                 std::string_view detail = {});
  // For what shows a loss without a status: calls that do not come back.
  Error declare_lost(std::string_view why);
  // To be told of what went well: it takes several time-outs in a row to give up a chip that still
  // answers. Readings are counted by themselves: that they come does not tell that runs do.
  void went_well(Operation operation);
  // "the device is open in hailo-ollama (812)"; empty where no other program has it, or where this
  // process may not know.
  static std::string held_by();
  // Asks on a connection of its own; takes 5 s at most.
  bool answers() const;

  // A connection for one more tensor model: of its own, or, from kVisionConnections on, shared with
  // the fewest others. Closed with its last holder. One call at a time.
  Result<std::shared_ptr<Connection>> vision_connection();
  // The connection from which generative models are made; all of them share it.
  Result<std::shared_ptr<sdk::VDevice>> genai_connection();
  // A connection for readings. Not part of the group.
  Result<std::unique_ptr<sdk::Device>> device_connection();

  // Nobody holds a connection of the group: what the group had of the chip's memory is given back,
  // if no other program is in it.
  bool group_is_free();
  // This memory may stay mapped until forget_memory().
  void keep_memory(std::span<const std::byte> memory);
  // Whether all of it lies in one piece that is kept.
  bool is_kept(std::span<const std::byte> memory) const;
  // This memory is about to be unmapped.
  void forget_memory(std::span<const std::byte> memory);

  // Keeps what must not be destroyed because its destructor would call a chip that is gone.
  static void abandon(std::shared_ptr<void> what);

 private:
  Chip(const OpenOptions& options, Identity identity);
  Result<std::shared_ptr<sdk::VDevice>> connect();
  std::size_t open_connections();
  std::shared_ptr<Connection> least_used_connection();  // null where there is none

  const SystemClock system_clock_;
  const Clock& clock_;
  const std::string group_id_;  // VDevices keep a pointer to it
  hailo_device_id_t device_id_{};
  const Identity identity_;
  std::atomic<bool> lost_ = false;
  std::atomic<int> timeouts_ = 0;         // in a row, of all but readings
  std::atomic<int> missed_readings_ = 0;  // in a row

  std::mutex mutex_;
  std::vector<std::weak_ptr<Connection>> vision_;
  std::weak_ptr<sdk::VDevice> genai_;

  mutable std::mutex kept_mutex_;
  std::map<const std::byte*, std::size_t> kept_;
};

// Why a generative model that could not be sent in time costs this process its chip: the library
// gives up in the middle of it, and what it has begun may write into memory that is no longer its
// own. Who starts the process anew loads the model once more.
inline constexpr std::string_view kSendingGotStuck =
    "sending the model to the device got stuck: HAILO_TIMEOUT (4)";

// The chip has 16 connections for all programs. Ours are 11 at most, but for a question now and
// then whether it is there: these, two each (group and model) for language and for speech in
// workers of their own, and one for readings in each of the three.
inline constexpr std::size_t kVisionConnections = 4;

}  // namespace npu::device::hailort
