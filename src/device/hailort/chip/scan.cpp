#include "device/hailort/chip/scan.hpp"

#include <cstring>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/error_table.hpp"
#include "device/hailort/chip/identify.hpp"
#include "device/hailort/chip/readings.hpp"
#include "device/hailort/sdk.hpp"
#include "device/hailort/status.hpp"

namespace npu::device::hailort {
namespace json = boost::json;
namespace {

json::object error_of(hailo_status status, std::string_view what) {
  const Error error = to_error(status, Operation::kConnect, what, connect_detail(status));
  return {{"status", static_cast<int>(status)},
          {"name", status_name(status)},
          {"code", wire_name(error.code)},
          {"message", error.message}};
}

// Up to the end or the zero, whichever comes first. The lengths beside these texts are not to be
// believed: that of the serial number stays 0 where the chip is asked over its connection.
template <std::size_t N>
std::string text(const char (&characters)[N]) {
  return {characters, ::strnlen(characters, N)};
}

void add_identity(json::object& out, const hailo_device_identity_t& who) {
  out["architecture"] = architecture_name(who.device_architecture);
  out["firmware"] =
      fmt::format("{}.{}.{}", who.fw_version.major, who.fw_version.minor, who.fw_version.revision);
  out["board"] = text(who.board_name);
  out["serial"] = text(who.serial_number);
  out["part"] = text(who.part_number);
  out["product"] = text(who.product_name);
}

void add_readings(json::object& out, sdk::Device& device) {
  if (const auto heat = device.get_chip_temperature(); heat.has_value()) {
    const auto celsius = temperature_reading(heat->ts0_temperature, heat->ts1_temperature);
    if (celsius) out["temperature_celsius"] = *celsius;
  }
  if (const auto health = device.query_health_stats(); health.has_value()) {
    out["voltage_mv"] = health->on_die_voltage;
  }
  const auto load = device.query_performance_stats();
  if (!load.has_value()) return;
  if (const auto share = utilisation_reading(load->cpu_utilization)) out["cpu"] = *share;
  if (const auto share = utilisation_reading(load->nnc_utilization)) out["nnc"] = *share;
  if (const auto memory = memory_reading(load->ram_size_total, load->ram_size_used)) {
    out["memory_total_bytes"] = memory->total_bytes;
    if (memory->used_bytes) out["memory_used_bytes"] = *memory->used_bytes;
  }
}

json::object describe(const std::string& id) {
  json::object out{{"id", id}};
  const auto device = sdk::Device::create(id);
  if (!device.has_value()) {
    out["error"] = error_of(device.status(), "cannot open " + id);
    return out;
  }
  const auto who = device.value()->identify();
  if (!who.has_value()) {
    out["error"] = error_of(who.status(), id + " does not say what it is");
    return out;
  }
  add_identity(out, who.value());
  add_readings(out, *device.value());
  return out;
}

}  // namespace

json::object scan_devices() {
  const auto ids = sdk::Device::scan();
  if (!ids.has_value()) {
    return {{"devices", json::array()}, {"error", error_of(ids.status(), "looking for devices")}};
  }
  json::array devices;
  for (const auto& id : ids.value()) devices.push_back(describe(id));
  return {{"devices", std::move(devices)}};
}

}  // namespace npu::device::hailort
