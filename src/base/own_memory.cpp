#include "base/own_memory.hpp"

#include <charconv>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace npu {
namespace {

std::uint64_t page_bytes() { return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)); }

}  // namespace

OwnMemory::OwnMemory() : statm_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {}

std::optional<std::uint64_t> OwnMemory::field(int number) const {
  char text[256];
  const ssize_t size = ::pread(statm_.get(), text, sizeof text, 0);
  if (size <= 0) return std::nullopt;
  std::string_view left(text, static_cast<std::size_t>(size));
  for (int i = 0; i < number; ++i) left.remove_prefix(left.find(' ') + 1);
  std::uint64_t pages = 0;
  const auto read = std::from_chars(left.data(), left.data() + left.size(), pages);
  return read.ec == std::errc{} ? std::optional(pages * page_bytes()) : std::nullopt;
}

std::uint64_t half_of_memory() {
  return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) / 2 * page_bytes();
}

}  // namespace npu
