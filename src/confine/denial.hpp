// What happens when a confined process makes a system call that it may not.
//
// What a library may try in good faith (to open a file, to ask for a socket, a call that this list
// does not know) fails as if the right or the call were missing, and the process goes on. What none
// would (another program, another process, another user, another kernel) ends it with SIGSYS. Both
// are logged with the call's name, and what was to be opened; no more than 32 a process.
#pragma once

namespace npu::confine {

// Before the filter. last_words: a pipe that gets the name of the call that ended the process, and
// stays open; or -1.
void watch_denied_calls(int last_words);

}  // namespace npu::confine
