// What does it cost that a worker confines itself? The first answer of a model, its load included,
// and those that follow, against workers that do not, in turns.
#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "bench_client.hpp"
#include "run.hpp"
#include "samples.hpp"

namespace npu::bench {
namespace {

constexpr const char* kSetting = "HAILO_WORKER_CONFINE";

struct Times {
  Samples first;
  Samples following;
};

void measure(const char* confined, int answers, Times& times) {
  ::setenv(kSetting, confined, 1);
  const ManagerProcess manager{ManagerProcess::OnCpu()};
  auto client = client_of(manager, "bench");
  const ModelRef model{.path = NPU_TEST_MODELS "/depth_mean.onnx", .type = "depth"};
  auto input = client.allocate(DType::kUint8, {256, 320, 3});
  const auto ask = [&] {
    const auto answer = client.infer(model, InferInput().tensor("input", *input));
    if (!answer) give_up(answer.error().message);
  };
  times.first.add(time_of(ask));
  for (int i = 0; i < answers; ++i) times.following.add(time_of(ask));
}

bool print(const char* what, const Samples& confined, const Samples& free) {
  const double ratio = confined.median() / free.median();
  fmt::print("{:<24} {:>12.3f} {:>12.3f} {:>8.2f}\n", what, confined.median(), free.median(),
             ratio);
  return ratio < 1.15;
}

int run(Run run) {
  Times confined;
  Times free;
  for (int i = 0; i < run.pick(25, 2); ++i) {
    measure("true", run.pick(400, 5), confined);
    measure("false", run.pick(400, 5), free);
  }
  fmt::print("{:<24} {:>12} {:>12} {:>8}\n", "median ms", "confined", "not", "x");
  const bool first = print("load and first answer", confined.first, free.first);
  const bool following = print("an answer", confined.following, free.following);
  run.goal("confinement costs less than 15 % of either", first && following);
  return run.exit_code();
}

}  // namespace
}  // namespace npu::bench

int main(int argc, char** argv) { return npu::bench::run({argc, argv}); }
