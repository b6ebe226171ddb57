// For who listens: a descriptor that is kept so that somebody can be turned away when there are no
// others.
#pragma once

#include <functional>

#include "base/unique_fd.hpp"

namespace npu {

class SpareDescriptor {
 public:
  void open();
  void close() { fd_.reset(); }

  // Accepts one who waits at `listening`, which does not block, and has him sent off: told why, and
  // closed, at once or soon. False where nobody waits or even that cannot be done.
  bool turn_away(int listening, const std::function<void(UniqueFd client)>& send_off);

 private:
  UniqueFd fd_;
};

}  // namespace npu
