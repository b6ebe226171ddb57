// A program that is run to its end, or to a deadline.
#pragma once

#include <string>
#include <vector>

#include <npu/result.hpp>

namespace npu::cli {

struct ChildResult {
  enum class End {
    kExited,     // status is its exit status
    kSignalled,  // status is the signal that ended it
    kKilled,     // the deadline passed and it was killed
    kStuck,      // the deadline passed and not even that ended it: it is stuck in the kernel
  };
  End end = End::kExited;
  int status = 0;
  std::string output;  // standard output
  std::string errors;  // the end of standard error
  double seconds = 0;

  bool exited_with(int exit_status) const { return end == End::kExited && status == exit_status; }
};

// words: program (looked for in PATH without a '/') and arguments; standard input is empty. Takes
// `limit` at most, and 5 s more for one that is hard to kill. The child ends with this program.
// kUnavailable: it cannot be started.
Result<ChildResult> run_child(const std::vector<std::string>& words, Millis limit);

}  // namespace npu::cli
