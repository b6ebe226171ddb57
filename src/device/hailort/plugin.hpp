// What one build of the HailoRT adapter offers to the program that opened it.
#pragma once

#include <memory>
#include <string>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "device/device.hpp"
#include "device/hailort/plugin_head.hpp"
#include "device/registry.hpp"

namespace npu::device::hailort {

inline constexpr const char* kPluginSymbol = "npu_hailort_plugin";

struct Plugin : PluginHead {
  // kVersionMismatch (driver, library and firmware named in the message), kUnavailable (no driver,
  // no device, its server is not up yet: worth trying again), kBusy (another program has the
  // device).
  Result<std::unique_ptr<Device>> (*open)(const OpenOptions& options) = nullptr;

  // What a HEF file holds, without a device. docs/reference/hailoctl-inspect.md describes the
  // object.
  Result<boost::json::object> (*inspect)(const std::string& path) = nullptr;

  // The devices that there are and what they say of themselves: {"devices": [{"id", "architecture",
  // "firmware", "board", "serial", "temperature_celsius", ...} or {"id", "error"}]}. May hang with
  // the device; callers run it in a process of its own.
  boost::json::object (*scan)() = nullptr;
};

}  // namespace npu::device::hailort
