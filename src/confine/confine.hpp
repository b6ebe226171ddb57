// A worker gives away what it does not need, so that a model file that takes over the inference
// library reaches nothing: no file but the models, no network, no other process (docs/adr/0095).
//
//   const auto files = confine::restrict_files(rules);  // before any thread, and the device,
//   exists
//   ... open the device ...
//   const auto calls = confine::restrict_process(rules);
//   log::info("confined: {}", confine::describe(files, calls));
//
// None of it can be taken back. What the kernel lacks (qemu-user, old kernels, a sandbox that
// refuses) is an error with the reason, after which the process is as it was, but for what stands
// before it in the list.
#pragma once

#include <string>

#include <npu/result.hpp>

#include "confine/rules.hpp"

namespace npu::confine {

// No new privileges; Landlock: `rules.read` and `rules.write` and nothing else of the file system,
// no TCP, no abstract sockets, no signals to outside, as far as the kernel's version of it goes.
// Holds for this thread and for all that it makes: call it while it is the only one.
Status restrict_files(const Rules& rules);

// No core dumps, not dumpable (so nobody but root looks into it), no more descriptors than now, and
// a list of system calls for all threads (system_calls.hpp). A call that is not in it either fails
// or, where no library would try it in good faith, ends the process with SIGSYS; both are logged,
// and the latter is told to `last_words` as the call's name, if that is a descriptor.
Status restrict_process(const Rules& rules, int last_words = -1);

// "files and system calls", "system calls; not files: the kernel has no Landlock", ...
std::string describe(const Status& files, const Status& calls);

}  // namespace npu::confine
