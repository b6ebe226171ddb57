#include "worker/worker_threads.hpp"

#include <thread>
#include <utility>
#include <vector>

#include "worker/guarded.hpp"

namespace npu::worker {
namespace {

bool is_alone(const wire::Order& order) {
  return std::holds_alternative<wire::order::Unload>(order) ||
         std::holds_alternative<wire::order::ReleaseGroup>(order) ||
         std::holds_alternative<wire::order::Forget>(order);
}

}  // namespace

Status WorkerThreads::serve(int threads) {
  std::vector<std::jthread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back([this] { work(); });
  work();
  others.clear();
  return why_;
}

void WorkerThreads::work() {
  std::unique_lock turn(link_.turn());
  for (;;) {
    may_take_.wait(turn, [this] { return over_ || !taking_; });
    if (over_) return;
    taking_ = true;
    take_one(turn);
  }
}

void WorkerThreads::take_one(std::unique_lock<Turn>& turn) {
  const auto message = link_.next();
  if (over_) return;
  if (!message) return end(fail(message.error()));
  if (!*message) return end({});
  if (auto ok = do_message(**message, turn); !ok) end(std::move(ok));
}

Status WorkerThreads::do_message(const wire::ReceivedOrder& message, std::unique_lock<Turn>& turn) {
  const auto handle = [&] { return guarded([&] { return handle_(message); }); };
  if (is_alone(message.order)) {
    some_done_.wait(turn, [this] { return under_way_ == 0; });
    if (over_) return {};
    auto done = handle();
    let_next_take();
    return done;
  }
  const bool loads = std::holds_alternative<wire::order::Load>(message.order);
  if (loads) {
    some_done_.wait(turn, [this] { return !loading_; });
    if (over_) return {};
    loading_ = true;
  }
  ++under_way_;
  let_next_take();
  auto done = handle();
  if (loads) loading_ = false;
  --under_way_;
  some_done_.notify_one();
  return done;
}

void WorkerThreads::let_next_take() {
  taking_ = false;
  may_take_.notify_one();
}

void WorkerThreads::end(Status why) {
  if (std::exchange(over_, true)) return;
  why_ = std::move(why);
  link_.give_up(why_ ? Error{ErrorCode::kCancelled, "the worker ends"} : why_.error());
  may_take_.notify_all();
  on_end_(why_);
}

}  // namespace npu::worker
