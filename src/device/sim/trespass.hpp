// What a model file that has taken over the worker would try, for tests of what holds it.
#pragma once

#include <npu/result.hpp>

#include "device/sim/fault.hpp"

namespace npu::device::sim {

// An error says how the attempt failed; without one it did not. Harmless where nothing holds it:
// what it opens it closes, what it starts ends at once, and signal 0 is what it sends.
Status trespass(Trespass attempt);

}  // namespace npu::device::sim
