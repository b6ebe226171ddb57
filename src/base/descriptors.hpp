// How many file descriptors this process may still open.
#pragma once

#include <cstddef>

namespace npu {

// Lifts the soft limit to the hard one: every connection and every shared tensor is a descriptor.
// Not for programs that pass descriptors to select().
void raise_descriptor_limit();

// The soft limit.
std::size_t descriptor_limit();

// The limit without what is open now. A guess of half the limit where /proc is not there.
std::size_t descriptors_left();

}  // namespace npu
