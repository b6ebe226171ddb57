#include "hailo/device.hpp"

#include <cstring>

#include <fmt/format.h>

#include "device_client.hpp"
#include "log.hpp"

namespace hailort {

using namespace std::chrono_literals;
namespace fake = hailo_fake;
using npu::device::sim::FaultOp;

namespace {

// What the chip's own system takes of its memory.
constexpr std::uint64_t kSystemBytes = 1090'000'000;
constexpr std::uint64_t kUnboundedBytes = 8'192'000'000;
constexpr auto kReading = 2ms;
// Processor and core are watched for a while, in four parts.
constexpr auto kPerformance = 400ms;

std::uint8_t put(char* to, std::size_t room, const std::string& text) {
  std::strncpy(to, text.c_str(), room);
  return static_cast<std::uint8_t>(std::min(room, text.size()));
}

hailo_device_architecture_t architecture_of(const std::string& name) {
  for (int i = 0; i <= HAILO_ARCH_HAILO12L; ++i) {
    const auto architecture = static_cast<hailo_device_architecture_t>(i);
    if (Hef::device_arch_to_string(architecture).value() == name) return architecture;
  }
  return HAILO_ARCH_HAILO10H;
}

}  // namespace

DeviceClient::DeviceClient(std::shared_ptr<fake::Connection> connection, bool own)
    : connection_(std::move(connection)), own_(own) {}

DeviceClient::~DeviceClient() {
  if (own_) connection_->close();
}

template <class T, class Read>
Expected<T> DeviceClient::reading(const char* name, npu::Duration time, Read read) {
  auto& machine = connection_->machine();
  const auto verdict = machine.enter(FaultOp::kTelemetry, name);
  auto result = std::make_shared<T>();
  const auto connection = connection_.get();
  const hailo_status status = connection_->call(
      [connection, result, time, read] {
        auto& at = connection->machine();
        if (!connection->sleep(at.settings.scaled(time))) return HAILO_COMMUNICATION_CLOSED;
        return read(at, *result);
      },
      fake::Connection::Patience::kUsual, verdict);
  if (status != HAILO_SUCCESS) return make_unexpected(status);
  return T(*result);
}

Expected<hailo_device_identity_t> DeviceClient::identify() {
  return reading<hailo_device_identity_t>(
      "identify", kReading, [](fake::Machine& machine, hailo_device_identity_t& identity) {
        const auto& version = machine.settings.firmware;
        identity = {};
        identity.protocol_version = 2;
        identity.fw_version = {static_cast<uint32_t>(version.major),
                               static_cast<uint32_t>(version.minor),
                               static_cast<uint32_t>(version.revision)};
        identity.is_release = true;
        identity.device_architecture = architecture_of(machine.profile.architecture);
        identity.board_name_length =
            put(identity.board_name, sizeof(identity.board_name),
                "Hailo-" + machine.profile.architecture.substr(
                               machine.profile.architecture.starts_with("HAILO") ? 5 : 0));
        // Its length is not in the chip's reply.
        put(identity.serial_number, sizeof(identity.serial_number), "HLFAKE0000000001");
        identity.part_number_length =
            put(identity.part_number, sizeof(identity.part_number), "HM21LB1C2LAE");
        identity.product_name_length =
            put(identity.product_name, sizeof(identity.product_name), "a simulated AI accelerator");
        return HAILO_SUCCESS;
      });
}

Expected<hailo_chip_temperature_info_t> DeviceClient::get_chip_temperature() {
  return reading<hailo_chip_temperature_info_t>(
      "temperature", kReading, [](fake::Machine& machine, hailo_chip_temperature_info_t& info) {
        const auto degrees = machine.profile.temperature_celsius;
        if (!degrees) return HAILO_NOT_AVAILABLE;
        const auto value = static_cast<float32_t>(*degrees);
        info = {value, value, 1};
        return HAILO_SUCCESS;
      });
}

Expected<hailo_health_stats_t> DeviceClient::query_health_stats() {
  return reading<hailo_health_stats_t>(
      "health", kReading, [](fake::Machine& machine, hailo_health_stats_t& stats) {
        stats = {static_cast<float32_t>(machine.profile.temperature_celsius.value_or(-1)), 800, 0};
        return HAILO_SUCCESS;
      });
}

Expected<hailo_performance_stats_t> DeviceClient::query_performance_stats() {
  return reading<hailo_performance_stats_t>(
      "performance", kPerformance, [](fake::Machine& machine, hailo_performance_stats_t& stats) {
        const std::uint64_t models =
            machine.profile.memory_bytes > 0 ? machine.profile.memory_bytes : kUnboundedBytes;
        const std::int64_t unit = machine.settings.at_least(2) ? 1024 : 1;
        stats = {.cpu_utilization = 7,
                 .ram_size_total = static_cast<std::int64_t>(models + kSystemBytes) / unit,
                 .ram_size_used =
                     static_cast<std::int64_t>(machine.chip.used_bytes() + kSystemBytes) / unit,
                 .nnc_utilization = machine.chip.busy() ? 100.F : 0.F,
                 .ddr_noc_total_transactions = -1,
                 .dsp_utilization = -1};
        return HAILO_SUCCESS;
      });
}

hailo_status DeviceClient::reset(hailo_reset_device_mode_t mode) {
  auto& machine = connection_->machine();
  if (mode != HAILO_RESET_DEVICE_MODE_REBOOT || !machine.settings.at_least(2)) {
    return HAILO_NOT_IMPLEMENTED;
  }
  if (!connection_->usable()) return HAILO_INVALID_OPERATION;
  machine.chip.restart();
  connection_->lose();
  return HAILO_SUCCESS;  // whatever became of the request
}

Expected<std::vector<std::string>> Device::scan() {
  const auto machine = fake::Machine::get();
  const auto verdict = machine->enter(FaultOp::kScan, "scan");
  if (verdict.hang) fake::hang_after(verdict, *machine);
  if (verdict.lost) return std::vector<std::string>();
  if (verdict.status != HAILO_SUCCESS) return make_unexpected(verdict.status);
  return std::vector<std::string>{kDeviceId};
}

Expected<std::unique_ptr<Device>> Device::create() { return create(kDeviceId); }

Expected<std::unique_ptr<Device>> Device::create(const std::string& device_id) {
  if (device_id != kDeviceId) {
    fake::log_error("Invalid device id " + device_id);
    return make_unexpected(HAILO_INVALID_ARGUMENT);
  }
  auto machine = fake::Machine::get();
  const auto verdict = machine->enter(FaultOp::kConnect, "device");
  auto connection = connect(machine, verdict);
  if (!connection) return make_unexpected(connection.status());
  return std::unique_ptr<Device>(std::make_unique<DeviceClient>(connection.release(), true));
}

Expected<std::shared_ptr<fake::Connection>> connect(const std::shared_ptr<fake::Machine>& machine,
                                                    const fake::Verdict& verdict) {
  if (verdict.hang) fake::hang_after(verdict, *machine);
  if (verdict.restart) machine->chip.restart();
  if (verdict.lost) return make_unexpected(HAILO_COMMUNICATION_CLOSED);
  if (verdict.status != HAILO_SUCCESS) return make_unexpected(verdict.status);
  const auto& settings = machine->settings;
  if (settings.at_least(3) && settings.firmware != settings.version) {
    fake::log_error("the version of the firmware is not that of the library");
    return make_unexpected(HAILO_INVALID_FIRMWARE);
  }
  auto connection = fake::Connection::open(machine);
  if (!connection) return make_unexpected(connection.status());
  // A connection whose server does not answer is found out by the first call.
  fake::Verdict late = verdict;
  late.restart = false;
  const hailo_status status = connection.value()->call([] { return HAILO_SUCCESS; },
                                                       fake::Connection::Patience::kUsual, late);
  if (status != HAILO_SUCCESS) return make_unexpected(status);
  return connection.release();
}

}  // namespace hailort
