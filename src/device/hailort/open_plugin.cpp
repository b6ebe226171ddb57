#include "device/hailort/open_plugin.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>

#include <dlfcn.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.hpp"
#include "base/version.hpp"

namespace npu::device::hailort {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".so";

constexpr std::string_view kWhatToInstall =
    "install HailoRT (Raspberry Pi OS: hailo-h10-all; Hailo's own: hailort and "
    "hailort-pcie-driver) in a version that there is one for";

struct Candidate {
  fs::path file;
  std::vector<int> version;
};

// "5.2.0" -> {5, 2, 0}; what is no number counts as 0.
std::vector<int> parse_version(std::string_view text) {
  std::vector<int> parts;
  while (!text.empty()) {
    const auto dot = std::min(text.find('.'), text.size());
    int part = 0;
    std::from_chars(text.data(), text.data() + dot, part);
    parts.push_back(part);
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return parts;
}

// The newest first. "hailort-selftest-5.2.0.so" is none of the prefix "hailort-".
std::vector<Candidate> candidates(std::string_view prefix, const std::string& folder) {
  std::vector<Candidate> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    std::string_view version = name;
    if (!version.starts_with(prefix) || !version.ends_with(kSuffix)) continue;
    version.remove_prefix(prefix.size());
    if (version.front() < '0' || version.front() > '9') continue;
    version.remove_suffix(kSuffix.size());
    found.push_back({it->path(), parse_version(version)});
  }
  std::ranges::sort(found, std::ranges::greater(), &Candidate::version);
  return found;
}

std::string last_dl_error() {
  const char* text = ::dlerror();
  return text != nullptr ? text : "it cannot be loaded";
}

Result<const PluginHead*> open_file(const PluginKind& kind, const fs::path& file) {
  void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return fail(ErrorCode::kUnsupported, last_dl_error());
  const auto entry = reinterpret_cast<PluginEntry>(::dlsym(handle, kind.symbol));
  const PluginHead* plugin = entry != nullptr ? entry() : nullptr;
  std::string reason;
  if (plugin == nullptr) {
    reason = fmt::format("it is none of this program's {}s", kind.name);
  } else if (plugin->abi != kPluginAbi || plugin->build != version()) {
    reason =
        fmt::format("it was built with another version of this program ({}, this is {})",
                    plugin->abi == kPluginAbi ? plugin->build : "another interface", version());
  } else {
    return plugin;
  }
  return fail(ErrorCode::kUnsupported, reason);
}

// dlopen's text begins with the file where the file itself is the matter.
std::string describe_failure(const fs::path& file, const std::string& reason) {
  const std::string path = file.string();
  return reason.starts_with(path) ? reason : fmt::format("{}: {}", path, reason);
}

Result<const PluginHead*> find_plugin(const PluginKind& kind, const std::string& folder) {
  ::setenv("HAILORT_LOGGER_PATH", "NONE", 0);
  const auto folders = plugin_folders(folder);
  std::vector<std::string> reasons;
  for (const auto& place : folders) {
    for (const auto& candidate : candidates(kind.prefix, place)) {
      auto plugin = open_file(kind, candidate.file);
      if (plugin) {
        (*plugin)->use_log({log::enabled, log::write});
        log::info("HailoRT {} {}, libhailort {}", kind.name, candidate.file.string(),
                  (*plugin)->library_version());
        return plugin;
      }
      reasons.push_back(describe_failure(candidate.file, plugin.error().message));
    }
  }
  if (reasons.empty()) {
    return fail(
        ErrorCode::kUnsupported,
        fmt::format("there is no HailoRT {0} in {1}; this build was made without HailoRT, or "
                    "its {0}s are not installed: build and install "
                    "hailo-device-manager again where HailoRT is",
                    kind.name, fmt::join(folders, " or ")));
  }
  return fail(ErrorCode::kUnsupported, fmt::format("no HailoRT {} can be used: {}; {}", kind.name,
                                                   fmt::join(reasons, "; "), kWhatToInstall));
}

}  // namespace

std::vector<std::string> plugin_folders(const std::string& folder) {
  if (!folder.empty()) return {folder};
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  std::vector<std::string> folders{program};
  const fs::path installed = (program / NPU_HAILORT_ADAPTERS_FROM_PROGRAMS).lexically_normal();
  if (installed != program) folders.push_back(installed);
  return folders;
}

Result<const PluginHead*> open_plugin(const PluginKind& kind, const std::string& folder) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::string>, const PluginHead*> opened;
  const std::lock_guard lock(mutex);
  const std::pair key(std::string(kind.symbol), folder);
  if (const auto found = opened.find(key); found != opened.end()) return found->second;
  auto plugin = find_plugin(kind, folder);
  if (plugin) opened.emplace(key, *plugin);
  return plugin;
}

}  // namespace npu::device::hailort
