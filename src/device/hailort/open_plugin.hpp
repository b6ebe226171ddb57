// Finds and opens the shared objects that fit the HailoRT of this machine.
//
// Their files are <prefix><version>.so, one for each HailoRT version. One whose libhailort is not
// installed cannot be loaded, so the newest that can is the right one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "device/hailort/plugin_head.hpp"

namespace npu::device::hailort {

struct PluginKind {
  std::string_view prefix;       // of the file's name, before its version: "hailort-"
  const char* symbol = nullptr;  // a PluginEntry
  std::string_view name;         // in errors: "adapter"
};

// `folder`, or where it is empty the places where they are installed: the program's own folder
// and then the library folder.
std::vector<std::string> plugin_folders(const std::string& folder);

// Loads it at the first call; stays loaded. From one folder the newest version that loads and was
// built with this program. kUnsupported where none does: the text names each that was tried with
// the reason, and what to install. Sets HAILORT_LOGGER_PATH to NONE where the user did not set it,
// because HailoRT would write a file into the working folder. Any thread.
Result<const PluginHead*> open_plugin(const PluginKind& kind, const std::string& folder);

}  // namespace npu::device::hailort
