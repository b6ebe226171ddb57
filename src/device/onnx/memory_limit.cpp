#include "device/onnx/memory_limit.hpp"

#include <algorithm>

#include "base/sanitized.hpp"

namespace npu::device {

MemoryLimit::MemoryLimit(std::uint64_t bytes)
    : bytes_(bytes), most_(own_.private_bytes().value_or(0) + half_of_memory()) {}

std::uint64_t MemoryLimit::for_file(std::uint64_t file_bytes) const {
  return bytes_ > 0 ? bytes_ : std::max(kLeast, kTimesFile * file_bytes);
}

std::optional<std::uint64_t> MemoryLimit::reached_by(std::uint64_t bytes) const {
  const auto now = own_.private_bytes();
  const bool reached = now && *now + std::min(bytes, most_ / 2) > most_;
  return reached ? std::optional(most_) : std::nullopt;
}

MemoryLimit::Bound::Bound(const MemoryLimit& limit, std::uint64_t bytes) {
  if (kSanitized) return;
  const auto now = limit.own_.private_bytes();
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
