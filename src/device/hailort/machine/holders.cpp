#include "device/hailort/machine/holders.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace npu::device::hailort {
namespace {

namespace fs = std::filesystem;

std::string link_target(const fs::path& link) {
  std::error_code error;
  return fs::read_symlink(link, error);
}

// The link's text names the node in most cases. In a container the node may have another name but
// has the same number.
bool leads_to(const fs::path& link, std::span<const DeviceNode> nodes) {
  const std::string target = link_target(link);
  const auto same_path = [&](const DeviceNode& node) { return node.path == target; };
  if (std::ranges::any_of(nodes, same_path)) return true;
  if (!target.starts_with("/dev/")) return false;
  struct stat info{};
  if (::stat(link.c_str(), &info) != 0 || !S_ISCHR(info.st_mode)) return false;
  return std::ranges::any_of(nodes,
                             [&](const DeviceNode& node) { return node.number == info.st_rdev; });
}

bool has_open(const fs::path& process, std::span<const DeviceNode> nodes) {
  std::error_code error;
  for (fs::directory_iterator it(process / "fd", error), end; !error && it != end;
       it.increment(error)) {
    if (leads_to(it->path(), nodes)) return true;
  }
  return false;
}

std::optional<pid_t> process_number(const fs::path& folder) {
  const std::string name = folder.filename();
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return pid;
}

std::string program_name(const fs::path& process) {
  std::ifstream in(process / "comm");
  std::string name;
  std::getline(in, name);
  return name.empty() ? "unknown" : name;
}

}  // namespace

std::vector<Holder> holders(const Roots& roots, std::span<const DeviceNode> nodes, pid_t self) {
  std::vector<Holder> found;
  if (nodes.empty()) return found;
  const fs::path proc = roots.proc;
  const std::string own_program = link_target(proc / std::to_string(self) / "exe");
  std::error_code error;
  for (fs::directory_iterator it(proc, error), end; !error && it != end; it.increment(error)) {
    const auto pid = process_number(it->path());
    if (!pid || *pid == self) continue;
    if (!own_program.empty() && link_target(it->path() / "exe") == own_program) continue;
    if (has_open(it->path(), nodes)) found.push_back({*pid, program_name(it->path())});
  }
  std::ranges::sort(found, {}, &Holder::pid);
  return found;
}

std::string describe(std::span<const Holder> holders) {
  std::vector<std::string> texts;
  for (const auto& holder : holders) {
    texts.push_back(fmt::format("{} ({})", holder.name, holder.pid));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace npu::device::hailort
