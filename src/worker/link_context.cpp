#include "worker/link_context.hpp"

namespace npu::worker {

bool LinkContext::cancelled() {
  if (!over()) link_.pump();
  return over();
}

bool LinkContext::wait_until(SteadyTime when) {
  while (!over()) {
    if (std::chrono::steady_clock::now() >= when) return true;
    link_.wait(when);
  }
  return false;
}

void LinkContext::progressed() {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now - told_ < kProgressPause) return;
  told_ = now;
  link_.send(wire::report::Progress{job_});
}

void LinkContext::while_waiting(const std::function<void()>& wait) {
  const Away away(link_.turn());
  wait();
}

}  // namespace npu::worker
