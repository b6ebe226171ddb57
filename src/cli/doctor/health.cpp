// What the device says of itself, and the kernel's memory for it.
#include <cerrno>
#include <cstdlib>
#include <sstream>

#include <unistd.h>

#include <fmt/format.h>

#include "base/error_table.hpp"
#include "cli/doctor/doctor.hpp"
#include "cli/status_text.hpp"
#include "json/fields.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

// HailoRT's statuses of a node that the kernel does not let one open.
constexpr std::int64_t kDriverOperationFailed = 36;
constexpr std::int64_t kOpenFileFailure = 13;

constexpr const char* kMoreCma =
    "Add  dtoverlay=cma,cma-512  to /boot/firmware/config.txt and reboot. 512 MB is the most: the "
    "Raspberry Pi 5's kernel (numa=fake=8) makes 0 of a larger value";

std::string advice_for_scan(ErrorCode code) {
  switch (code) {
    case ErrorCode::kDeadlineExceeded:
      return "Switch the power off and on. If it happens again:  hailoctl selftest --hardware  "
             "writes a report for a bug";
    case ErrorCode::kBusy:
      return "Stop the program that has it, or give it the manager's group id (SHARED)";
    case ErrorCode::kVersionMismatch:
      return "Install driver and library of one version, then switch the power off and on";
    case ErrorCode::kUnavailable:
      return "The chip takes some seconds to start. If it stays:  sudo dmesg | grep -i hailo";
    default: return "See  sudo dmesg | grep -i hailo  and switch the power off and on";
  }
}

// A node that whoever asks may not open; "" where there is none.
std::string closed_node(const Machine& machine) {
  for (const auto& node : machine.hardware_list("nodes")) {
    const std::string path = text_of(node, "path");
    if (::access(machine.at(path).c_str(), R_OK | W_OK) != 0 && errno == EACCES) return path;
  }
  return {};
}

// An "error" object of a scan.
Finding refused(const Machine& machine, const std::string& what, const json::object& error) {
  const auto number = npu::json::Fields(error).integer("status");
  if (number == kDriverOperationFailed || number == kOpenFileFailure) {
    if (const std::string node = closed_node(machine); !node.empty()) {
      return {"device", Level::kWarning,
              fmt::format("the device cannot be asked: you may not open {}", node),
              "Only the manager has to; to look into the device run  sudo hailoctl doctor"};
    }
  }
  const auto code = error_code_from_wire(text_of(error, "code"));
  return {"device", Level::kError, fmt::format("{}: {}", what, text_of(error, "message")),
          advice_for_scan(code.value_or(ErrorCode::kInternal))};
}

const json::object* error_in(const json::object& object) {
  return npu::json::Fields(object).object("error");
}

Findings of_device(const Machine& machine, const json::object& device) {
  const std::string id = text_of(device, "id");
  if (const auto* error = error_in(device)) {
    return {refused(machine, "the device " + id + " does not answer", *error)};
  }
  Findings findings{
      {"device", Level::kGood, fmt::format("{} {} answers", text_of(device, "architecture"), id)}};
  const auto celsius = npu::json::Fields(device).number("temperature_celsius");
  if (!celsius) return findings;
  findings.push_back({"temperature", Level::kGood,
                      fmt::format("temperature of {}: {:.0f} degrees Celsius (HailoRT names no "
                                  "limit; where answers slow down as it rises, cool the chip)",
                                  id, *celsius)});
  return findings;
}

std::optional<std::int64_t> kibibytes(const std::string& meminfo, const std::string& name) {
  std::istringstream lines(meminfo);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name + ":")) continue;
    return std::strtoll(line.c_str() + name.size() + 1, nullptr, 10);
  }
  return std::nullopt;
}

}  // namespace

Findings check_health(const Machine& machine) {
  if (!machine.has_hardware()) return {};
  if (!machine.scan) {
    const Error& error = machine.scan.error();
    if (error.code == ErrorCode::kUnsupported) return {};  // check_versions says it
    return {{"device", Level::kError, "the device cannot be asked: " + error.message,
             advice_for_scan(error.code)}};
  }
  Findings findings;
  if (const auto* error = error_in(*machine.scan)) {
    findings.push_back(refused(machine, "HailoRT finds no device", *error));
  }
  for (const auto& device : machine.devices()) {
    for (auto& finding : of_device(machine, device)) findings.push_back(std::move(finding));
  }
  if (findings.empty()) {
    findings.push_back({"device", Level::kError, "HailoRT finds no device",
                        advice_for_scan(ErrorCode::kUnavailable)});
  }
  return findings;
}

Findings check_memory(const Machine& machine) {
  if (!machine.has_hardware() || !machine.is_raspberry_pi()) return {};
  const auto total = kibibytes(machine.text("/proc/meminfo").value_or(""), "CmaTotal");
  if (!total || *total == 0) {
    return {
        {"cma", Level::kError, "the kernel has no contiguous memory (CmaTotal is 0)", kMoreCma}};
  }
  return {{"cma", Level::kGood, fmt::format("contiguous memory (CmaTotal) {} MB", *total / 1024)}};
}

}  // namespace npu::cli
