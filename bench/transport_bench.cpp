// What the broker adds to an inference: 640x640x3 uint8 in, 640x640 float32 out, on a model that
// does nothing, over shared memory, tail and version 1 JSON, against copying the same bytes between
// two processes. Floor and rivals take turns, so that all see the same machine.
#include <cstring>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <npu/blocking_client.hpp>

#include "manager_process.hpp"
#include "memcpy_floor.hpp"
#include "run.hpp"
#include "samples.hpp"

namespace npu::bench {
namespace {

constexpr std::size_t kInputBytes = 640 * 640 * 3;
constexpr std::size_t kOutputBytes = 640 * 640 * sizeof(float);

struct Rival {
  std::string name;
  BlockingDeviceClient client;
  Samples samples;
};

ClientOptions options(const ManagerProcess& manager, bool hello, bool shm) {
  ClientOptions options;
  options.socket_path = manager.socket_path();
  options.hello = hello;
  options.shm = shm;
  return options;
}

// One inference as a program does it: its picture into the tensor, the request, a look at the
// result.
void infer(BlockingDeviceClient& client, const ModelRef& model,
           const std::vector<std::byte>& picture) {
  auto input = client.allocate(DType::kUint8, {640, 640, 3});
  if (!input) give_up(input.error().message);
  std::memcpy(input->writable().data(), picture.data(), kInputBytes);
  const auto result = client.infer(model, InferInput().tensor("input", *input));
  if (!result) give_up(result.error().message);
  const auto output = result->tensor();
  if (!output || output->bytes().size() != kOutputBytes) give_up("wrong result");
}

int run(Run run) {
  const int rounds = run.pick(300, 3);
  const ManagerProcess manager("null.yaml");
  const ModelRef model{.path = manager.model("null_640"), .type = "depth"};
  const std::vector<std::byte> picture(kInputBytes, std::byte{7});

  MemcpyFloor floor(kInputBytes, kOutputBytes);
  Samples floor_samples;
  std::vector<Rival> rivals;
  rivals.push_back({"shm", BlockingDeviceClient(options(manager, true, true)), {}});
  rivals.push_back({"tail", BlockingDeviceClient(options(manager, true, false)), {}});
  rivals.push_back({"version 1 JSON", BlockingDeviceClient(options(manager, false, false)), {}});

  for (int round = -10; round < rounds; ++round) {
    const auto floor_time = time_of([&] { floor.exchange(); });
    if (round >= 0) floor_samples.add(floor_time);
    for (Rival& rival : rivals) {
      // Twice, the second one timed: the first brings this rival's memory back into the caches, as
      // it is for a program that does nothing else.
      infer(rival.client, model, picture);
      const auto took = time_of([&] { infer(rival.client, model, picture); });
      if (round >= 0) rival.samples.add(took);
    }
  }

  fmt::print("640x640x3 uint8 in, 640x640 float32 out, {} rounds\n", rounds);
  fmt::print("{:<16} {:>10} {:>10} {:>10}\n", "", "median ms", "p99 ms", "x floor");
  fmt::print("{:<16} {:>10.3f} {:>10.3f} {:>10.2f}\n", "memcpy + bell", floor_samples.median(),
             floor_samples.percentile(99), 1.0);
  for (const Rival& rival : rivals) {
    fmt::print("{:<16} {:>10.3f} {:>10.3f} {:>10.2f}\n", rival.name, rival.samples.median(),
               rival.samples.percentile(99), rival.samples.median() / floor_samples.median());
  }
  const double shm_ratio = rivals[0].samples.median() / floor_samples.median();
  run.goal("shm at most 1.5 x the floor", shm_ratio <= 1.5);
  run.goal("version 1 JSON under 5 ms", rivals[2].samples.median() < 5);
  return run.exit_code();
}

}  // namespace
}  // namespace npu::bench

int main(int argc, char** argv) { return npu::bench::run({argc, argv}); }
