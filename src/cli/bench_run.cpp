#include "cli/bench_run.hpp"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <npu/blocking_client.hpp>

namespace npu::cli {
namespace {

using Clock = std::chrono::steady_clock;

ClientOptions options_for(const BenchPlan& plan, Transport transport) {
  ClientOptions options = plan.client;
  options.hello = transport != Transport::kVersion1;
  options.shm = transport == Transport::kShm;
  options.tail = transport == Transport::kTail;
  if (transport == Transport::kVersion1) options.max_shared_bytes = 0;
  return options;
}

Status check_granted(BlockingDeviceClient& client, Transport transport) {
  const auto server = client.connect();
  if (!server) return fail(server.error());
  const bool granted = transport == Transport::kVersion1 ||
                       (transport == Transport::kShm ? server->shm : server->tail);
  if (granted) return {};
  return fail(ErrorCode::kUnsupported, "the manager does not grant " + name_of(transport));
}

// A fixed pattern: no transport may profit from a page of zeroes.
void fill(std::span<std::byte> bytes) {
  std::uint32_t state = 1;
  for (std::byte& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::byte>(state >> 24);
  }
}

struct Shared {
  std::atomic<int> left;
  std::mutex mutex;
  std::optional<Error> error;
  std::vector<double> milliseconds;

  void stop(Error why) {
    left = 0;
    const std::lock_guard lock(mutex);
    if (!error) error = std::move(why);
  }
};

void run_client(const BenchPlan& plan, Transport transport, std::barrier<>& start, Shared& shared) {
  BlockingDeviceClient client(options_for(plan, transport));
  InferInput input;
  auto prepare = [&]() -> Status {
    if (auto granted = check_granted(client, transport); !granted) return granted;
    auto tensor = client.allocate(plan.dtype, plan.shape);
    if (!tensor) return fail(tensor.error());
    fill(tensor->writable());
    input.tensor(plan.input_name, std::move(*tensor));
    const auto warm = client.infer(plan.model, input);
    if (!warm) return fail(warm.error());
    return {};
  };
  if (auto ready = prepare(); !ready) shared.stop(ready.error());
  start.arrive_and_wait();
  std::vector<double> took;
  while (shared.left.fetch_sub(1) > 0) {
    const auto begin = Clock::now();
    const auto result = client.infer(plan.model, input);
    if (!result) {
      shared.stop(result.error());
      break;
    }
    took.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  const std::lock_guard lock(shared.mutex);
  shared.milliseconds.insert(shared.milliseconds.end(), took.begin(), took.end());
}

}  // namespace

Result<Transport> transport_from_name(const std::string& name) {
  if (name == "shm") return Transport::kShm;
  if (name == "tail") return Transport::kTail;
  if (name == "v1") return Transport::kVersion1;
  return fail(ErrorCode::kInvalidArgument, "must be shm, tail or v1, got '" + name + "'");
}

std::string name_of(Transport transport) {
  switch (transport) {
    case Transport::kShm: return "shm";
    case Transport::kTail: return "tail";
    case Transport::kVersion1: return "v1";
  }
  return {};
}

Result<BenchResult> run_bench(const BenchPlan& plan, Transport transport) {
  Shared shared{.left = plan.requests};
  std::barrier start(plan.concurrency + 1);
  std::vector<std::jthread> clients;
  clients.reserve(static_cast<std::size_t>(plan.concurrency));
  for (int i = 0; i < plan.concurrency; ++i) {
    clients.emplace_back([&] { run_client(plan, transport, start, shared); });
  }
  start.arrive_and_wait();
  const auto begin = Clock::now();
  clients.clear();
  const std::chrono::duration<double> took = Clock::now() - begin;
  if (shared.error) return fail(std::move(*shared.error));
  std::ranges::sort(shared.milliseconds);
  return BenchResult{std::move(shared.milliseconds), took.count()};
}

}  // namespace npu::cli
