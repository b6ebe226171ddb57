// Numbers of descriptors that only what the manager itself opens ever gets.
//
// A child process starts with copies of its parent's descriptors and has to close them, and closing
// a file of FUSE asks its server, which may hang, at each copy and not only at the last. So nothing
// that a client passed may be among those that a child gets, and the kernel leaves out only what
// lies beyond a whole word of its table of open descriptors (CLOSE_RANGE_UNSHARE). Hence that first
// word is filled before there are clients: what they pass comes to lie beyond.
//
// Event loop's thread only; no descriptor may be received between free_some() and fill().
#pragma once

#include <cstddef>
#include <vector>

#include "base/unique_fd.hpp"

namespace npu::manager {

class LowDescriptors {
 public:
  static constexpr int kEnd = 64;  // bits of the widest word

  // Takes all low numbers that are free, where the process may have enough descriptors for that.
  void fill();
  // Lets go of so many: what is opened next gets those.
  void free_some(std::size_t count);

 private:
  std::vector<UniqueFd> taken_;
};

// The same under a number that is not low, so that when it is closed nothing else gets that number.
UniqueFd moved_up(UniqueFd fd);

}  // namespace npu::manager
