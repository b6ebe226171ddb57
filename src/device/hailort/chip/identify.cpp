#include "device/hailort/chip/identify.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "device/hailort/chip/readings.hpp"
#include "device/hailort/machine/machine.hpp"
#include "device/hailort/machine/node_access.hpp"
#include "device/hailort/status.hpp"

namespace npu::device::hailort {
namespace {

using namespace std::chrono_literals;

// A reply can be missed by the library, which then waits 10 s for it: a second question may be
// answered before the first.
constexpr auto kSecondQuestionAfter = 2s;
constexpr auto kProbeWithin = 5s;

std::string three_versions(std::string_view firmware) {
  return fmt::format("driver {}, library {}, firmware {}", driver_version(roots_from_environment()),
                     loaded_version(), firmware);
}

Error connect_error(hailo_status status, std::string_view what) {
  Error error = to_error(status, Operation::kConnect, what, connect_detail(status));
  if (error.code == ErrorCode::kVersionMismatch) {
    error.message += fmt::format(" ({})", three_versions("unknown"));
  }
  // While nothing is open yet, a device that is gone is one that may come, and nobody has asked for
  // anything that could be wrong.
  const bool lasts = error.code == ErrorCode::kVersionMismatch || error.code == ErrorCode::kBusy ||
                     error.code == ErrorCode::kUnsupported;
  if (!lasts) error.code = ErrorCode::kUnavailable;
  return error;
}

// The server on the chip speaks a protocol of its own version. A Hailo-8 has no server; its library
// checks its firmware.
bool versions_differ(const hailo_device_identity_t& who, std::string_view architecture) {
  hailo_version_t library{};
  if (architecture.starts_with("HAILO8")) return false;
  if (hailo_get_library_version(&library) != HAILO_SUCCESS) return false;
  return who.fw_version.major != library.major || who.fw_version.minor != library.minor;
}

Result<Identity> identify(const std::string& id) {
  const auto device = sdk::Device::create(id);
  if (!device.has_value()) return fail(connect_error(device.status(), "opening " + id));
  const auto who = device.value()->identify();
  if (!who.has_value()) {
    return fail(connect_error(who.status(), fmt::format("{} does not say what it is", id)));
  }
  Identity found{.id = id,
                 .architecture = architecture_name(who->device_architecture),
                 .code = who->device_architecture,
                 .firmware = fmt::format("{}.{}.{}", who->fw_version.major, who->fw_version.minor,
                                         who->fw_version.revision)};
  if (versions_differ(who.value(), found.architecture)) {
    return fail(ErrorCode::kVersionMismatch,
                fmt::format("{}: versions differ: {}; install the packages of one version and "
                            "switch the power off and on",
                            id, three_versions(found.firmware)));
  }
  if (const auto load = device.value()->query_performance_stats(); load.has_value()) {
    const auto memory = memory_reading(load->ram_size_total, load->ram_size_used);
    if (memory) found.memory_bytes = memory->total_bytes;
  }
  return found;
}

// Outlives the one who asks.
struct Answer {
  std::mutex mutex;
  std::condition_variable changed;
  int open_questions = 0;
  bool answered = false;
};

// A chip that is held by somebody, or has no connection left, has said so.
bool is_there(const std::string& id) {
  const auto device = sdk::Device::create(id);
  if (device.has_value()) return device.value()->identify().has_value();
  return classify(device.status(), Operation::kConnect) == StatusClass::kBusy;
}

void ask(const std::shared_ptr<Answer>& answer, const std::string& id) {
  {
    const std::lock_guard lock(answer->mutex);
    ++answer->open_questions;
  }
  std::thread([answer, id] {
    const bool answered = is_there(id);
    {
      const std::lock_guard lock(answer->mutex);
      --answer->open_questions;
      answer->answered = answer->answered || answered;
    }
    answer->changed.notify_all();
  }).detach();
}

}  // namespace

std::string connect_detail(hailo_status status) {
  return status == HAILO_DRIVER_OPERATION_FAILED ? node_trouble(roots_from_environment())
                                                 : std::string();
}

Result<Identity> find_chip() {
  const auto ids = sdk::Device::scan();
  if (!ids.has_value()) return fail(connect_error(ids.status(), "looking for Hailo devices"));
  if (ids->empty()) {
    return fail(ErrorCode::kUnavailable, "there is no Hailo device, or its driver is not loaded",
                Millis(2000));
  }
  Result<Identity> found = fail(ErrorCode::kUnavailable, "");
  for (const auto& id : ids.value()) {
    auto one = identify(id);
    if (one) return one;
    if (found.error().message.empty()) found = std::move(one);
  }
  return found;
}

bool chip_answers(const std::string& id) {
  const auto answer = std::make_shared<Answer>();
  const auto settled = [&] { return answer->answered || answer->open_questions == 0; };
  const auto begin = std::chrono::steady_clock::now();
  ask(answer, id);
  std::unique_lock lock(answer->mutex);
  if (!answer->changed.wait_until(lock, begin + kSecondQuestionAfter, settled)) {
    lock.unlock();
    ask(answer, id);
    lock.lock();
    answer->changed.wait_until(lock, begin + kProbeWithin, settled);
  }
  return answer->answered;
}

}  // namespace npu::device::hailort
