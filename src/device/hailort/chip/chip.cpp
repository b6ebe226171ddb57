#include "device/hailort/chip/chip.hpp"

#include <algorithm>
#include <cstdio>

#include <unistd.h>

#include <fmt/format.h>

#include "base/log.hpp"
#include "device/hailort/chip/identify.hpp"
#include "device/hailort/machine/holders.hpp"

namespace npu::device::hailort {
namespace {

constexpr int kTimeoutsUntilLost = 3;

bool says_nothing_of_the_chip(RawStatus status, Operation operation, StatusClass status_class) {
  if (status_class == StatusClass::kAmbiguous) return true;
  // One that was there: it has gone, or something else is wrong with opening it.
  if (operation == Operation::kConnect && status_class == StatusClass::kNotThereYet) return true;
  // A closed connection: of a chip that refuses a second language model, or of one that is gone. A
  // connection for readings may break alone.
  if (status == HAILO_COMMUNICATION_CLOSED && status_class == StatusClass::kBusy) return true;
  return operation == Operation::kReadings && status_class == StatusClass::kLost;
}

}  // namespace

Result<std::shared_ptr<Chip>> Chip::open(const OpenOptions& options) {
  auto identity = find_chip();
  if (!identity) return fail(identity.error());
  if (identity->firmware != loaded_version() && !identity->architecture.starts_with("HAILO8")) {
    log::warning("{} has firmware {}, libhailort is {}; they ought to be the same", identity->id,
                 identity->firmware, loaded_version());
  }
  log::info("{} {}, firmware {}, libhailort {}, group {}", identity->architecture, identity->id,
            identity->firmware, loaded_version(), options.group_id);
  return std::shared_ptr<Chip>(new Chip(options, std::move(*identity)));
}

Chip::Chip(const OpenOptions& options, Identity identity)
    : clock_(options.clock != nullptr ? *options.clock : system_clock_),
      group_id_(options.group_id),
      identity_(std::move(identity)) {
  std::snprintf(device_id_.id, sizeof(device_id_.id), "%s", identity_.id.c_str());
}

Status Chip::alive() const {
  if (!lost_) return {};
  return fail(ErrorCode::kDeviceLost, fmt::format("{} was lost", identity_.id));
}

Error Chip::error_of(hailo_status status, Operation operation, std::string_view what,
                     std::string_view detail) {
  std::string more(detail);
  const StatusClass status_class = classify(status, operation, detail);
  if (status_class == StatusClass::kBusy && more.empty()) more = held_by();
  Error error = to_error(status, operation, what, more);
  bool gone = status_class == StatusClass::kLost;
  if (says_nothing_of_the_chip(status, operation, status_class)) {
    auto& timeouts = operation == Operation::kReadings ? missed_readings_ : timeouts_;
    const bool enough = status == HAILO_TIMEOUT && ++timeouts >= kTimeoutsUntilLost;
    gone = enough || !answers();
  }
  if (gone) {
    lost_ = true;
    error.code = ErrorCode::kDeviceLost;
  } else if (status_class == StatusClass::kLost) {
    error.code = ErrorCode::kUnavailable;
  }
  log::warning("{} [{}]", error.message, gone ? "lost" : name_of(status_class));
  return error;
}

void Chip::went_well(Operation operation) {
  missed_readings_ = 0;
  if (operation != Operation::kReadings) timeouts_ = 0;
}

Error Chip::declare_lost(std::string_view why) {
  lost_ = true;
  log::warning("{} [lost]", why);
  return {ErrorCode::kDeviceLost, std::string(why)};
}

std::string Chip::held_by() {
  const Roots roots = roots_from_environment();
  const auto found = holders(roots, device_nodes(roots), ::getpid());
  return found.empty() ? "" : fmt::format("the device is open in {}", describe(found));
}

bool Chip::answers() const { return chip_answers(identity_.id); }

Result<std::shared_ptr<sdk::VDevice>> Chip::connect() {
  if (auto ok = alive(); !ok) return fail(ok.error());
  hailo_vdevice_params_t params{};
  const hailo_status prepared = hailo_init_vdevice_params(&params);
  if (prepared != HAILO_SUCCESS) {
    return fail(error_of(prepared, Operation::kConnect, "preparing to open the device"));
  }
  params.device_count = 1;
  params.device_ids = &device_id_;
  params.scheduling_algorithm = HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN;
  params.group_id = group_id_.c_str();
  auto vdevice = sdk::VDevice::create_shared(params);
  if (!vdevice.has_value()) {
    return fail(error_of(vdevice.status(), Operation::kConnect,
                         fmt::format("opening {} in group {}", identity_.id, group_id_),
                         connect_detail(vdevice.status())));
  }
  return vdevice.release();
}

Result<std::shared_ptr<Connection>> Chip::vision_connection() {
  std::shared_ptr<Connection> shared = least_used_connection();
  if (shared && open_connections() >= kVisionConnections) return shared;
  auto opened = connect();
  if (opened) {
    auto connection = std::make_shared<Connection>(std::move(*opened));
    const std::lock_guard lock(mutex_);
    vision_.push_back(connection);
    return connection;
  }
  if (!shared || lost_) return fail(opened.error());
  log::warning("one more connection to {} was refused; models share those that there are",
               identity_.id);
  return shared;
}

std::size_t Chip::open_connections() {
  const std::lock_guard lock(mutex_);
  std::erase_if(vision_, [](const auto& one) { return one.expired(); });
  return vision_.size();
}

std::shared_ptr<Connection> Chip::least_used_connection() {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Connection> least;
  long fewest = 0;
  for (const auto& one : vision_) {
    auto connection = one.lock();
    // Asked once: others drop theirs meanwhile.
    const long users = connection.use_count();
    if (!connection || (least && users >= fewest)) continue;
    least = std::move(connection);
    fewest = users;
  }
  return least;
}

Result<std::shared_ptr<sdk::VDevice>> Chip::genai_connection() {
  const std::lock_guard lock(mutex_);
  if (auto shared = genai_.lock()) return shared;
  auto opened = connect();
  // The library may have missed the reply to what was done.
  if (!opened && opened.error().code == ErrorCode::kUnavailable && !lost_) opened = connect();
  if (opened) genai_ = *opened;
  return opened;
}

Result<std::unique_ptr<sdk::Device>> Chip::device_connection() {
  if (auto ok = alive(); !ok) return fail(ok.error());
  auto device = sdk::Device::create(identity_.id);
  if (!device.has_value()) {
    const bool away = classify(device.status(), Operation::kConnect) == StatusClass::kNotThereYet;
    return fail(error_of(device.status(), away ? Operation::kConnect : Operation::kReadings,
                         fmt::format("asking {} for its readings", identity_.id)));
  }
  return device.release();
}

bool Chip::group_is_free() {
  if (open_connections() > 0) return false;
  const std::lock_guard lock(mutex_);
  return genai_.expired();
}

void Chip::keep_memory(std::span<const std::byte> memory) {
  const std::lock_guard lock(kept_mutex_);
  kept_[memory.data()] = memory.size();
}

bool Chip::is_kept(std::span<const std::byte> memory) const {
  const std::lock_guard lock(kept_mutex_);
  auto after = kept_.upper_bound(memory.data());
  if (after == kept_.begin()) return false;
  const auto& [begin, bytes] = *--after;
  const auto offset = static_cast<std::size_t>(memory.data() - begin);
  return offset <= bytes && memory.size() <= bytes - offset;
}

void Chip::forget_memory(std::span<const std::byte> memory) {
  {
    const std::lock_guard lock(kept_mutex_);
    kept_.erase(memory.data());
  }
  const std::lock_guard lock(mutex_);
  for (const auto& one : vision_) {
    if (const auto connection = one.lock()) connection->forget(memory);
  }
}

void Chip::abandon(std::shared_ptr<void> what) {
  static auto& mutex = *new std::mutex;
  static auto& kept = *new std::vector<std::shared_ptr<void>>;
  const std::lock_guard lock(mutex);
  kept.push_back(std::move(what));
}

}  // namespace npu::device::hailort
