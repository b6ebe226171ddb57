// What every shared object that is built once for each HailoRT version says of itself first.
//
// libhailort's SONAME is its full version, so what calls it is a shared object of its own for each
// HailoRT version (hailort-5.2.0.so), found and opened at run time by open_plugin.hpp: the programs
// start, and say what is missing, on a machine without HailoRT. It is built together with them by
// one compiler; abi and build tell when it was not.
#pragma once

#include <cstdint>
#include <string>

#include "base/log.hpp"

namespace npu::device::hailort {

// Changes with everything that both sides of the border know.
inline constexpr std::uint32_t kPluginAbi = 4;

struct PluginHead {
  std::uint32_t abi = kPluginAbi;
  const char* build = nullptr;             // npu::version() of the sources
  const char* compiled_version = nullptr;  // of the HailoRT headers: "5.2.0"

  // To be called first: the log lines go to the program's log.
  void (*use_log)(log::Sink sink) = nullptr;

  // "5.2.0": of the libhailort that is loaded, which may differ.
  std::string (*library_version)() = nullptr;
};

// The type of the symbol that each exports. What it points to begins with the head and is of the
// type that belongs to the symbol.
using PluginEntry = const PluginHead* (*)();

}  // namespace npu::device::hailort
