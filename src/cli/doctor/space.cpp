// Room in the file systems that sockets, models and large requests need.
#include <cerrno>

#include <sys/statvfs.h>

#include <fmt/format.h>

#include "cli/doctor/doctor.hpp"

namespace npu::cli {
namespace {

constexpr std::uint64_t kFull = std::uint64_t{1} << 20;
constexpr std::uint64_t kNearlyFull = std::uint64_t{64} << 20;
constexpr std::uint64_t kFewFiles = 16;

struct Place {
  const char* path;
  const char* for_what;
  std::uint64_t nearly_full;
};

constexpr Place kPlaces[] = {
    {"/run", "the manager's socket", kFull},  // small, and nothing large belongs there
    {"/var/lib", "models, faces and large requests", kNearlyFull},
};

}  // namespace

std::optional<FreeSpace> free_space(const std::string& path) {
  struct statvfs about{};
  if (::statvfs(path.c_str(), &about) != 0) return std::nullopt;
  FreeSpace free{.bytes = std::uint64_t{about.f_bavail} * about.f_frsize};
  if (about.f_files > 0) free.files = about.f_favail;
  return free;
}

Findings check_space(const Machine& machine) {
  Findings findings;
  for (const auto& place : kPlaces) {
    const auto free = machine.free_space(machine.at(place.path));
    if (!free) continue;
    const std::string what =
        fmt::format("{} has {} MiB left, for {}", place.path, free->bytes >> 20, place.for_what);
    const std::string advice =
        fmt::format("See what takes it:  sudo du -xh -d 2 {} | sort -h | tail", place.path);
    if (free->bytes < kFull || free->files < kFewFiles) {
      findings.push_back(
          {"space", Level::kError,
           fmt::format("{} is full, and {} have no room", place.path, place.for_what), advice});
    } else if (free->bytes < place.nearly_full) {
      findings.push_back({"space", Level::kWarning, what, advice});
    } else {
      findings.push_back({"space", Level::kGood, what});
    }
  }
  return findings;
}

}  // namespace npu::cli
