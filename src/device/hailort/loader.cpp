#include "device/hailort/loader.hpp"

#include <cstdlib>
#include <sstream>

#include <glob.h>

#include "base/log.hpp"
#include "device/hailort/machine/machine.hpp"
#include "device/hailort/open_plugin.hpp"

namespace npu::device::hailort {
namespace {

// Where libraries, firmware and settings of Hailo lie besides those of the system.
constexpr const char* kReads[] = {"/opt", "/etc/hailo", "/etc/default/hailort_service", "/sys"};
// Shared memory, buffers for DMA, and the chips that are on USB (from HailoRT 5.3 on).
constexpr const char* kWrites[] = {"/dev/shm", "/dev/dma_heap", "/dev/udmabuf", "/dev/bus/usb"};

std::vector<std::string> folders_in(const char* variable) {
  std::vector<std::string> folders;
  const char* text = std::getenv(variable);
  std::istringstream in(text != nullptr ? text : "");
  for (std::string folder; std::getline(in, folder, ':');) {
    if (folder.starts_with('/')) folders.push_back(folder);
  }
  return folders;
}

// What the pattern stands for now.
void add_matches(std::vector<std::string>& paths, const std::string& pattern) {
  glob_t found{};
  if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
  }
  ::globfree(&found);
}

}  // namespace

Result<const Plugin*> load_plugin(const std::string& folder) {
  const auto head =
      open_plugin({.prefix = "hailort-", .symbol = kPluginSymbol, .name = "adapter"}, folder);
  if (!head) return fail(head.error());
  return static_cast<const Plugin*>(*head);
}

bool present(const OpenOptions& options) {
  if (!has_hardware(roots_from_environment())) return false;
  const auto plugin = load_plugin(options.adapter_dir);
  if (!plugin) {
    log::warning("this machine has a Hailo device that cannot be used: {}", plugin.error().message);
  }
  return plugin.has_value();
}

confine::Rules needs(const OpenOptions& options) {
  confine::Rules rules{.opens_files = true, .read = {}, .write = {}, .calls_driver = true};
  for (const char* path : kReads) rules.read.emplace_back(path);
  for (const auto& folder : plugin_folders(options.adapter_dir)) rules.read.push_back(folder);
  for (const auto& folder : folders_in("LD_LIBRARY_PATH")) rules.read.push_back(folder);
  for (const auto& folder : options.model_dirs) add_matches(rules.read, folder);
  const Roots roots = roots_from_environment();
  for (const std::string& root : {roots.sys, roots.proc}) rules.read.push_back(root);
  for (const char* path : kWrites) rules.write.emplace_back(path);
  for (const auto& node : device_nodes(roots)) rules.write.push_back(node.path);
  for (const auto& folder : folders_in("HAILORT_LOGGER_PATH")) rules.write.push_back(folder);
  return rules;
}

Result<std::unique_ptr<Device>> open_hailort(const OpenOptions& options) {
  const auto plugin = load_plugin(options.adapter_dir);
  if (!plugin) return fail(plugin.error());
  return (*plugin)->open(options);
}

}  // namespace npu::device::hailort
