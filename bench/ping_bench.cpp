// Does status wait behind inference? Pings while a 4 s generation runs and 16 clients keep the
// vision lane full, against pings of the same manager when it is idle.
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "bench_client.hpp"
#include "run.hpp"
#include "samples.hpp"

namespace npu::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kVisionClients = 16;

Samples ping_for(BlockingDeviceClient& client, const std::atomic<bool>& stop) {
  Samples samples;
  while (!stop) {
    samples.add(time_of([&] {
      if (!client.ping()) std::exit(2);
    }));
    std::this_thread::sleep_for(2ms);
  }
  return samples;
}

int run(Run run) {
  const ManagerProcess manager("hailo10h.yaml");
  const ModelRef chat{.path = manager.model("Qwen2-VL-2B-Instruct"), .type = "vlm_chat"};
  const ModelRef detector{.path = manager.model("yolov8s"), .type = "pose"};
  auto prober = client_of(manager, "prober");
  auto chatter = client_of(manager, "chat");
  if (const auto loaded = chatter.load_model(chat); !loaded) give_up(loaded.error().message);

  std::atomic<bool> stop{false};
  std::thread timer([&] {
    std::this_thread::sleep_for(run.pick(2000ms, 50ms));
    stop = true;
  });
  const Samples idle = ping_for(prober, stop);
  timer.join();

  stop = false;
  std::atomic<int> frames{0};
  std::vector<std::thread> vision;
  vision.reserve(kVisionClients);
  for (int i = 0; i < kVisionClients; ++i) {
    vision.emplace_back([&, i] {
      auto client = client_of(manager, fmt::format("camera-{}", i));
      auto input = client.allocate(DType::kUint8, {640, 640, 3});
      while (!stop) {
        if (client.infer(detector, InferInput().tensor("input", *input))) ++frames;
      }
    });
  }
  std::thread generation([&] {
    const auto took = time_of([&] {
      (void)chatter.infer(chat, InferInput()
                                    .field("prompt", "What do you see?")
                                    .field("max_generated_tokens", run.pick(27, 1)));
    });
    fmt::print("generation: {:.1f} s\n", std::chrono::duration<double>(took).count());
    stop = true;
  });
  const Samples busy = ping_for(prober, stop);
  generation.join();
  for (auto& thread : vision) thread.join();

  fmt::print("{} frames by {} clients meanwhile\n", frames.load(), kVisionClients);
  fmt::print("{:<12} {:>8} {:>10} {:>10} {:>8}\n", "ping", "n", "median ms", "p99 ms", "x idle");
  fmt::print("{:<12} {:>8} {:>10.3f} {:>10.3f} {:>8.2f}\n", "idle", idle.size(), idle.median(),
             idle.percentile(99), 1.0);
  fmt::print("{:<12} {:>8} {:>10.3f} {:>10.3f} {:>8.2f}\n", "under load", busy.size(),
             busy.median(), busy.percentile(99), busy.percentile(99) / idle.percentile(99));
  run.goal("p99 under load below 2 ms", busy.percentile(99) < 2);
  return run.exit_code();
}

}  // namespace
}  // namespace npu::bench

int main(int argc, char** argv) { return npu::bench::run({argc, argv}); }
