#include "manager/lanes/low_descriptors.hpp"

#include <algorithm>
#include <utility>

#include <fcntl.h>

#include "base/descriptors.hpp"

namespace npu::manager {
namespace {

// With fewer than that those that are kept would be missed.
constexpr std::size_t kEnough = std::size_t{8} * LowDescriptors::kEnd;

}  // namespace

void LowDescriptors::fill() {
  if (descriptor_limit() < kEnough) return;
  for (;;) {
    UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!fd || fd.get() >= kEnd) return;
    taken_.push_back(std::move(fd));
  }
}

void LowDescriptors::free_some(std::size_t count) {
  taken_.resize(taken_.size() - std::min(taken_.size(), count));
}

UniqueFd moved_up(UniqueFd fd) {
  UniqueFd moved(::fcntl(fd.get(), F_DUPFD_CLOEXEC, LowDescriptors::kEnd));
  return moved ? std::move(moved) : std::move(fd);
}

}  // namespace npu::manager
