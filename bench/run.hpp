// How a benchmark is started and how it ends.
//
//   <name>           measures; ends with 0 when all goals were met, 1 when one was missed
//   <name> --quick   a few rounds, to see that it works: goals are printed and do not count
#pragma once

#include <string>

namespace npu::bench {

class Run {
 public:
  // Ends the program with 2 for arguments that it does not know.
  Run(int argc, const char* const* argv);

  template <class T>
  T pick(T full, T quick) const {
    return quick_ ? quick : full;
  }
  // Prints the goal and whether it was met.
  void goal(const std::string& what, bool met);
  int exit_code() const { return missed_ && !quick_ ? 1 : 0; }

 private:
  bool quick_ = false;
  bool missed_ = false;
};

}  // namespace npu::bench
