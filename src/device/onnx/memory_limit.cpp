#include "device/onnx/memory_limit.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "base/sanitized.hpp"

namespace npu::device {
namespace {

std::uint64_t page_bytes() { return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)); }

std::uint64_t half_of_memory() {
  return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) / 2 * page_bytes();
}

constexpr int kFieldsBefore = 5;  // of /proc/self/statm

}  // namespace

std::optional<std::uint64_t> MemoryLimit::private_bytes() const {
  char text[256];
  const ssize_t size = ::pread(statm_.get(), text, sizeof text, 0);
  if (size <= 0) return std::nullopt;
  std::string_view left(text, static_cast<std::size_t>(size));
  for (int i = 0; i < kFieldsBefore; ++i) left.remove_prefix(left.find(' ') + 1);
  std::uint64_t pages = 0;
  const auto read = std::from_chars(left.data(), left.data() + left.size(), pages);
  return read.ec == std::errc{} ? std::optional(pages * page_bytes()) : std::nullopt;
}

MemoryLimit::MemoryLimit(std::uint64_t bytes)
    : statm_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)),
      bytes_(bytes),
      most_(private_bytes().value_or(0) + half_of_memory()) {}

std::uint64_t MemoryLimit::for_file(std::uint64_t file_bytes) const {
  return bytes_ > 0 ? bytes_ : std::max(kLeast, kTimesFile * file_bytes);
}

std::optional<std::uint64_t> MemoryLimit::reached_by(std::uint64_t bytes) const {
  const auto now = private_bytes();
  const bool reached = now && *now + std::min(bytes, most_ / 2) > most_;
  return reached ? std::optional(most_) : std::nullopt;
}

MemoryLimit::Bound::Bound(const MemoryLimit& limit, std::uint64_t bytes) {
  if (kSanitized) return;
  const auto now = limit.private_bytes();
  rlimit before{};
  if (!now || ::getrlimit(RLIMIT_DATA, &before) != 0) return;
  const rlimit bound{.rlim_cur = std::min({*now + bytes, limit.most_, before.rlim_cur}),
                     .rlim_max = before.rlim_max};
  if (::setrlimit(RLIMIT_DATA, &bound) == 0) before_ = before;
}

MemoryLimit::Bound::~Bound() {
  if (before_) ::setrlimit(RLIMIT_DATA, &*before_);
}

}  // namespace npu::device
