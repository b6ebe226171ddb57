// What one build of the HailoRT adapter offers to the program that opened it.
//
// libhailort's SONAME is its full version, so the adapter is a shared object of its own for each
// HailoRT version (hailort-5.2.0.so), found and opened at run time by loader.hpp: the programs
// start, and say what is missing, on a machine without HailoRT. It is built together with them by
// one compiler; kPluginBuild tells when it was not.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "base/log.hpp"
#include "device/device.hpp"
#include "device/hailort/checks/on_reading.hpp"
#include "device/registry.hpp"

namespace npu::device::hailort {

inline constexpr const char* kPluginSymbol = "npu_hailort_plugin";
// Changes with everything that both sides of the border know.
inline constexpr std::uint32_t kPluginAbi = 2;

struct Plugin {
  std::uint32_t abi = kPluginAbi;
  const char* build = nullptr;             // npu::version() of the sources
  const char* compiled_version = nullptr;  // of the HailoRT headers: "5.2.0"

  // To be called first: the adapter's log lines go to the program's log.
  void (*use_log)(log::Sink sink) = nullptr;

  // "5.2.0": of the libhailort that is loaded, which may differ.
  std::string (*library_version)() = nullptr;

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

  // One hardware check of `hailoctl selftest --hardware`, by number from 1: {"result",
  // ...readings}, or {"skipped": why} where this HailoRT has no call for it. May hang or abort;
  // callers run it in a process of its own.
  Result<boost::json::object> (*check)(int number, const boost::json::object& options,
                                       const OnReading& on_reading) = nullptr;
};

using PluginEntry = const Plugin* (*)();

}  // namespace npu::device::hailort
