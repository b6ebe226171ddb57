// Runs a piece of a test in a child that is confined first, since nobody can take it back.
#pragma once

#include <functional>
#include <string>

#include "confine/rules.hpp"

namespace npu::confine {

struct Ended {
  int status = 0;          // what the piece returned, 0..255; -n: killed by signal n
  std::string log;         // its standard error
  std::string last_words;  // the call that ended it
};

// The piece returns an errno, or 0.
Ended confined(const Rules& rules, const std::function<int()>& piece);
// With Landlock only.
Ended with_files_restricted(const Rules& rules, const std::function<int()>& piece);

// Not confined: the piece does that.
Ended in_child(const std::function<int()>& piece);

bool kernel_has_landlock();

}  // namespace npu::confine
