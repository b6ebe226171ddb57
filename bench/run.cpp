#include "run.hpp"

#include <string_view>

#include <fmt/format.h>

#include "child.hpp"

namespace npu::bench {

Run::Run(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) != "--quick")
      give_up(fmt::format("usage: {} [--quick]", argv[0]));
    quick_ = true;
  }
}

void Run::goal(const std::string& what, bool met) {
  fmt::print("goal: {}: {}\n", what, met ? "met" : "missed");
  missed_ = missed_ || !met;
}

}  // namespace npu::bench
