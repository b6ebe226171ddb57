// Some things that each take their waiting, all at the same time.
#pragma once

#include <cstddef>
#include <future>
#include <vector>

namespace npu::cli {

// do_one(0) ... do_one(count - 1), each in a thread; returns when all have.
template <class DoOne>
void at_once(std::size_t count, const DoOne& do_one) {
  std::vector<std::future<void>> running(count);
  for (std::size_t i = 0; i < count; ++i) {
    running[i] = std::async(std::launch::async, [&do_one, i] { do_one(i); });
  }
  for (auto& one : running) one.get();
}

}  // namespace npu::cli
