// For who listens: a descriptor that is kept so that somebody can be turned away when there are no
// others.
#pragma once

#include <string_view>

#include "base/unique_fd.hpp"

namespace npu {

class SpareDescriptor {
 public:
  void open();
  void close() { fd_.reset(); }

  // Accepts one who waits at `listening`, which does not block, says farewell to him and closes.
  // False where nobody waits or even that cannot be done.
  bool turn_away(int listening, std::string_view farewell);

 private:
  UniqueFd fd_;
};

// Says it as far as the socket takes it at once. What the peer has sent is read before, since
// closing with something unread may destroy the farewell on its way.
void say_farewell(int socket, std::string_view farewell);

}  // namespace npu
