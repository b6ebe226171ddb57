#include "device/hailort/loader.hpp"

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
#include "device/hailort/machine/machine.hpp"

namespace npu::device::hailort {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "hailort-";
constexpr std::string_view kSuffix = ".so";

constexpr std::string_view kWhatToInstall =
    "install HailoRT (Raspberry Pi OS: hailo-h10-all; Hailo's own: hailort and "
    "hailort-pcie-driver) in a version that there is an adapter for";

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

// The newest first.
std::vector<Candidate> candidates(const std::string& folder) {
  std::vector<Candidate> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    const auto version = std::string_view(name).substr(
        kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
    found.push_back({it->path(), parse_version(version)});
  }
  std::ranges::sort(found, std::ranges::greater(), &Candidate::version);
  return found;
}

std::string last_dl_error() {
  const char* text = ::dlerror();
  return text != nullptr ? text : "it cannot be loaded";
}

Result<const Plugin*> open_plugin(const fs::path& file) {
  void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return fail(ErrorCode::kUnsupported, last_dl_error());
  const auto entry = reinterpret_cast<PluginEntry>(::dlsym(handle, kPluginSymbol));
  const Plugin* plugin = entry != nullptr ? entry() : nullptr;
  std::string reason;
  if (plugin == nullptr) {
    reason = "it is not an adapter of this program";
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

Result<const Plugin*> find_plugin(const std::string& folder) {
  ::setenv("HAILORT_LOGGER_PATH", "NONE", 0);
  const auto folders = adapter_folders(folder);
  std::vector<std::string> reasons;
  for (const auto& place : folders) {
    for (const auto& candidate : candidates(place)) {
      auto plugin = open_plugin(candidate.file);
      if (plugin) {
        (*plugin)->use_log({log::enabled, log::write});
        log::info("HailoRT adapter {}, libhailort {}", candidate.file.string(),
                  (*plugin)->library_version());
        return plugin;
      }
      reasons.push_back(describe_failure(candidate.file, plugin.error().message));
    }
  }
  if (reasons.empty()) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("there is no HailoRT adapter in {}; this build was made without "
                            "HailoRT, or its adapters are not installed",
                            fmt::join(folders, " or ")));
  }
  return fail(ErrorCode::kUnsupported, fmt::format("no HailoRT adapter can be used: {}; {}",
                                                   fmt::join(reasons, "; "), kWhatToInstall));
}

}  // namespace

std::vector<std::string> adapter_folders(const std::string& folder) {
  if (!folder.empty()) return {folder};
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  std::vector<std::string> folders{program};
  const fs::path installed = (program / NPU_HAILORT_ADAPTERS_FROM_PROGRAMS).lexically_normal();
  if (installed != program) folders.push_back(installed);
  return folders;
}

Result<const Plugin*> load_plugin(const std::string& folder) {
  static std::mutex mutex;
  static std::map<std::string, const Plugin*> loaded;
  const std::lock_guard lock(mutex);
  if (const auto found = loaded.find(folder); found != loaded.end()) return found->second;
  auto plugin = find_plugin(folder);
  if (plugin) loaded.emplace(folder, *plugin);
  return plugin;
}

bool present(const OpenOptions& options) {
  if (!has_hardware(roots_from_environment())) return false;
  const auto plugin = load_plugin(options.adapter_dir);
  if (!plugin) {
    log::warning("this machine has a Hailo device that cannot be used: {}", plugin.error().message);
  }
  return plugin.has_value();
}

Result<std::unique_ptr<Device>> open_hailort(const OpenOptions& options) {
  const auto plugin = load_plugin(options.adapter_dir);
  if (!plugin) return fail(plugin.error());
  return (*plugin)->open(options);
}

}  // namespace npu::device::hailort
