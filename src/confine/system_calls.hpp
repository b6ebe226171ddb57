// The system calls that a confined worker has, as a seccomp filter (docs/adr/0095).
//
// The list says what is allowed: what a later kernel brings is denied until somebody has looked at
// it. It was made from traces of all devices and from what the C library does by itself.
#pragma once

#include <npu/result.hpp>

#include "confine/rules.hpp"

namespace npu::confine {

// Puts the filter onto every thread of this process; a call outside of it raises SIGSYS, for which
// denial.hpp has the handler.
Status filter_system_calls(const Rules& rules);

}  // namespace npu::confine
