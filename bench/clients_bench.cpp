// Memory and latency with many clients: 1,000 that only stay connected and 64 that work. Prints the
// manager's resident size at start, under load and after, and frames a second against one client.
#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include <sys/resource.h>

#include <fmt/format.h>

#include "base/unix_socket.hpp"
#include "bench_client.hpp"
#include "run.hpp"
#include "samples.hpp"

namespace npu::bench {
namespace {

using namespace std::chrono_literals;

struct Size {
  int idle;
  int busy;
  std::chrono::milliseconds phase;
};

struct Load {
  Samples samples;
  double resident_mb = 0;
  double per_second = 0;
};

Load work(const ManagerProcess& manager, int clients, std::chrono::milliseconds phase) {
  const ModelRef model{.path = manager.model("null_640"), .type = "depth"};
  std::atomic<bool> stop{false};
  std::vector<Samples> samples(static_cast<std::size_t>(clients));
  std::vector<std::thread> threads;
  threads.reserve(samples.size());
  for (int i = 0; i < clients; ++i) {
    threads.emplace_back([&, i] {
      auto client = client_of(manager, fmt::format("busy-{}", i));
      auto input = client.allocate(DType::kUint8, {640, 640, 3});
      while (!stop) {
        samples[static_cast<std::size_t>(i)].add(time_of([&] {
          const auto done = client.infer(model, InferInput().tensor("input", *input));
          if (!done) give_up(done.error().message);
        }));
      }
    });
  }
  std::this_thread::sleep_for(phase);
  Load load;
  load.resident_mb = manager.resident_mb();
  stop = true;
  for (auto& thread : threads) thread.join();
  std::size_t frames = 0;
  for (const Samples& one : samples) {
    frames += one.size();
    load.samples.add_all(one);
  }
  load.per_second = static_cast<double>(frames) / std::chrono::duration<double>(phase).count();
  return load;
}

int run(Run run) {
  const Size size = run.pick(Size{1000, 64, 4s}, Size{50, 4, 100ms});
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);

  const ManagerProcess manager("null.yaml");
  const double at_start = manager.resident_mb();
  const Load alone = work(manager, 1, size.phase);

  std::vector<UniqueFd> idle;
  for (int i = 0; i < size.idle; ++i) {
    auto connection = unix_connect(manager.socket_path());
    if (!connection) give_up(fmt::format("client {}: {}", i, connection.error().message));
    idle.push_back(std::move(*connection));
  }
  const double with_idle = manager.resident_mb();
  const Load busy = work(manager, size.busy, size.phase);
  idle.clear();
  std::this_thread::sleep_for(500ms);
  const double after = manager.resident_mb();

  fmt::print(
      "manager's resident size, MB: start {:.1f}, {} idle clients {:.1f}, and {} busy ones {:.1f}, "
      "after {:.1f}\n",
      at_start, size.idle, with_idle, size.busy, busy.resident_mb, after);
  fmt::print("{:<24} {:>10} {:>10} {:>10}\n", "", "frames/s", "median ms", "p99 ms");
  fmt::print("{:<24} {:>10.0f} {:>10.3f} {:>10.3f}\n", "1 client", alone.per_second,
             alone.samples.median(), alone.samples.percentile(99));
  fmt::print("{:<24} {:>10.0f} {:>10.3f} {:>10.3f}\n",
             fmt::format("{} busy, {} idle", size.busy, size.idle), busy.per_second,
             busy.samples.median(), busy.samples.percentile(99));
  fmt::print("frames a second against one client: x {:.2f}\n", busy.per_second / alone.per_second);
  run.goal("at most 20 MB at start", at_start <= 20);
  run.goal("as many frames a second as one client", busy.per_second >= alone.per_second);
  run.goal("p99 of many at most 3 x their median",
           busy.samples.percentile(99) <= 3 * busy.samples.median());
  return run.exit_code();
}

}  // namespace
}  // namespace npu::bench

int main(int argc, char** argv) { return npu::bench::run({argc, argv}); }
