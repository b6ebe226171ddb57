// Tensor models: bindings, failed calls, callbacks, queues and turns.
#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <sstream>

#include <gmock/gmock.h>

#include "fakes/hailort/fake_runs.hpp"
#include "hailort_fake_test_support.hpp"

namespace npu::fakes {
namespace {

using hailort::AsyncInferCompletionInfo;
using std::chrono::steady_clock;
using testing::ElementsAre;

class FakeInfer : public FakeBench {};

// What callbacks told, in order.
class Told {
 public:
  void add(hailo_status status) {
    const std::lock_guard lock(mutex_);
    statuses_.push_back(status);
    changed_.notify_all();
  }
  auto callback() {
    return [this](const AsyncInferCompletionInfo& info) { add(info.status); };
  }
  std::vector<hailo_status> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 60s, [&] { return statuses_.size() >= count; });
    return statuses_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<hailo_status> statuses_;
};

TEST_F(FakeInfer, Answers_are_quantised_functions_of_the_input) {
  const auto mine = vdevice();
  auto camera = mine->create_infer_model(model("camera"));
  ASSERT_TRUE(camera);
  auto& infer = *camera.value();
  EXPECT_EQ(infer.get_input_names(), std::vector<std::string>{"camera/in"});
  const auto output = infer.output();
  EXPECT_EQ(output->format().type, HAILO_FORMAT_TYPE_UINT16);
  EXPECT_EQ(output->get_frame_size(), 20U);
  const auto quant = output->get_quant_infos().at(0);
  auto ready = infer.configure();
  ASSERT_TRUE(ready);
  Shot one(*ready, 1);
  Shot two(*ready, 2);
  ASSERT_EQ(ready->run(one.bindings, 60s), HAILO_SUCCESS);
  ASSERT_EQ(ready->run(two.bindings, 60s), HAILO_SUCCESS);
  EXPECT_NE(one.output, two.output);

  auto wanted = infer.output("camera/out").release();
  wanted.set_format_type(HAILO_FORMAT_TYPE_FLOAT32);
  EXPECT_EQ(infer.output()->get_frame_size(), 40U);
  auto floating = infer.configure();
  ASSERT_TRUE(floating);
  std::vector<float> values(10);
  auto bindings = floating->create_bindings(
      {{"camera/in", hailort::MemoryView(one.input.data(), one.input.size())},
       {"camera/out", hailort::MemoryView(values.data(), 40)}});
  ASSERT_EQ(floating->run(*bindings, 60s), HAILO_SUCCESS);
  EXPECT_EQ(values[3], (static_cast<float>(one.output[3]) - quant.qp_zp) * quant.qp_scale);
}

TEST_F(FakeInfer, A_wrong_size_ends_the_model) {
  const auto mine = vdevice();
  auto ready = configured(*mine, model("camera"));
  Shot shot(ready);
  Shot wrong(ready);
  wrong.bindings.input("camera/in")->set_buffer(hailort::MemoryView(wrong.input.data(), 47));
  EXPECT_EQ(ready.run_async(wrong.bindings).status(), HAILO_INVALID_OPERATION);
  Told told;
  auto job = ready.run_async(shot.bindings, told.callback());
  ASSERT_TRUE(job);
  EXPECT_EQ(told.wait_for(1), std::vector{HAILO_STREAM_ABORT});
  EXPECT_EQ(shot.output[0], 0xFFFF);
}

TEST_F(FakeInfer, A_missing_buffer_ends_the_model) {
  const auto mine = vdevice();
  auto ready = configured(*mine, model("camera"));
  auto empty = ready.create_bindings();
  EXPECT_EQ(ready.run_async(*empty).status(), HAILO_NOT_FOUND);
  Shot shot(ready);
  EXPECT_EQ(ready.run(shot.bindings, 60s), HAILO_STREAM_ABORT);
}

TEST_F(FakeInfer, Bindings_are_copied_with_what_is_set) {
  const auto mine = vdevice();
  auto ready = configured(*mine, model("camera"));
  Shot shot(ready);
  auto copy = shot.bindings;
  copy.input()->set_buffer(hailort::MemoryView(shot.input.data(), 1));
  EXPECT_EQ(shot.bindings.input()->get_buffer()->size(), 48U);
  EXPECT_EQ(ready.run(shot.bindings, 60s), HAILO_SUCCESS);
}

TEST_F(FakeInfer, A_synchronous_call_in_a_callback_waits_for_itself) {
  const auto mine = vdevice();
  auto ready = configured(*mine, model("camera"));
  Shot shot(ready);
  Told told;
  auto job = ready.run_async(shot.bindings, [&](const AsyncInferCompletionInfo&) {
    told.add(ready.set_scheduler_priority(20));
  });
  ASSERT_TRUE(job);
  EXPECT_EQ(told.wait_for(1), std::vector{HAILO_TIMEOUT});
  job->wait(60s);
  EXPECT_EQ(ready.set_scheduler_priority(20), HAILO_SUCCESS);
}

TEST_F(FakeInfer, More_frames_than_the_queue_holds_end_the_model) {
  const auto mine = vdevice();
  auto ready = configured(*mine, model("camera"));
  faults("  - {op: infer, kind: slow, delay_ms: 60000}\n");  // ended by the end of the model
  const std::size_t room = ready.get_async_queue_size().value();
  EXPECT_EQ(ready.wait_for_async_ready(0ms, static_cast<uint32_t>(room)), HAILO_SUCCESS);
  std::vector<std::unique_ptr<Shot>> shots;
  Told told;
  const auto start = [&] {
    shots.push_back(std::make_unique<Shot>(ready));
    auto job = ready.run_async(shots.back()->bindings, told.callback());
    ASSERT_TRUE(job);
    job->detach();
  };
  for (std::size_t i = 0; i < room; ++i) start();
  EXPECT_EQ(ready.wait_for_async_ready(0ms), HAILO_TIMEOUT);
  start();
  const auto statuses = told.wait_for(room + 1);
  ASSERT_EQ(statuses.size(), room + 1);
  EXPECT_EQ(std::ranges::count(statuses, HAILO_QUEUE_IS_FULL), 1);
  EXPECT_EQ(std::ranges::count(statuses, HAILO_STREAM_ABORT), static_cast<long>(room));
}

// The chip has two buffers for each place of the queue.
TEST_F(FakeInfer, Frames_that_fail_at_once_use_up_the_buffers_and_then_the_connection_breaks) {
  const auto mine = vdevice();
  auto ready = configured(*mine, model("camera"));
  auto other = configured(*mine, model("lens"));
  const auto buffers = 2 * ready.get_async_queue_size().value();
  ASSERT_EQ(ready.shutdown(), HAILO_SUCCESS);
  Shot shot(ready);
  for (std::size_t i = 0; i < buffers; ++i) {
    EXPECT_EQ(ready.run(shot.bindings, 60s), HAILO_STREAM_ABORT);
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(ready.run(shot.bindings, 60s), HAILO_COMMUNICATION_CLOSED);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 900ms);
  EXPECT_EQ(other.set_scheduler_priority(16), HAILO_COMMUNICATION_CLOSED);
}

TEST_F(FakeInfer, Several_frames_of_one_call_have_one_callback) {
  const auto mine = vdevice();
  auto ready = configured(*mine, model("quick"));
  Shot one(ready, 1);
  Shot two(ready, 2);
  Told told;
  auto job = ready.run_async(std::vector{one.bindings, two.bindings}, told.callback());
  ASSERT_TRUE(job);
  EXPECT_EQ(job->wait(60s), HAILO_SUCCESS);
  EXPECT_EQ(told.wait_for(1).size(), 1U);
  EXPECT_NE(two.output[0], 0xFFFF);
}

TEST_F(FakeInfer, A_slow_call_holds_up_its_own_connection_only) {
  const auto one = vdevice();
  const auto other = vdevice();
  auto held = configured(*one, model("quick"));
  auto free = configured(*other, model("quick"));
  faults("  - {op: telemetry, kind: slow, delay_ms: 2000}\n");
  auto reading = std::async(std::launch::async, [&] {
    return one->get_physical_devices()->at(0).get().query_health_stats().status();
  });
  while (!std::filesystem::exists(folder.path("faults.fired"))) {
  }
  Shot free_shot(free);
  EXPECT_EQ(free.run(free_shot.bindings, 60s), HAILO_SUCCESS);
  EXPECT_EQ(reading.wait_for(0s), std::future_status::timeout);
  Shot held_shot(held);
  steady_clock::duration longest{};
  while (reading.wait_for(0s) != std::future_status::ready) {
    const auto begin = steady_clock::now();
    EXPECT_EQ(held.run(held_shot.bindings, 60s), HAILO_SUCCESS);
    longest = std::max(longest, steady_clock::now() - begin);
  }
  EXPECT_GE(longest, 500ms);
}

using FakeInferDeathTest = FakeInfer;

TEST_F(FakeInferDeathTest, A_model_that_is_dropped_while_it_runs) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        const auto mine = vdevice();
        auto ready =
            std::make_unique<hailort::ConfiguredInferModel>(configured(*mine, model("camera")));
        Shot shot(*ready);
        faults("  - {op: infer, kind: slow, delay_ms: 60000}\n");
        auto job = ready->run_async(shot.bindings);
        job->detach();
        ready.reset();
      },
      "while it ran a frame");
}

TEST_F(FakeInfer, Models_outlive_nothing) {
  auto mine = vdevice();
  auto made = mine->create_infer_model(model("camera"));
  auto ready = made.value()->configure();
  ASSERT_TRUE(ready);
  Shot shot(*ready);
  mine.reset();
  EXPECT_EQ(ready->run_async(shot.bindings).status(), HAILO_INTERNAL_FAILURE);
  EXPECT_EQ(made.value()->configure().status(), HAILO_INTERNAL_FAILURE);
}

TEST_F(FakeInfer, What_is_under_way_when_the_connection_ends_is_answered) {
  auto mine = vdevice();
  auto ready = configured(*mine, model("slow"));
  Shot shot(ready);
  Told told;
  auto job = ready.run_async(shot.bindings, told.callback());
  ASSERT_TRUE(job);
  mine.reset();
  EXPECT_EQ(told.wait_for(1), std::vector{HAILO_COMMUNICATION_CLOSED});
}

TEST_F(FakeInfer, Within_a_process_higher_priorities_go_first) {
  set("HAILO_FAKE_RUNS", folder.path("runs"));
  const auto mine = vdevice();
  auto low = configured(*mine, model("camera"));
  auto high = configured(*mine, model("lens"));
  low.set_scheduler_priority(10);
  high.set_scheduler_priority(20);
  std::vector<std::unique_ptr<Shot>> shots;
  // Has the core until all have come.
  auto quick = configured(*mine, model("quick"));
  Shot long_shot(quick);
  faults("  - {op: infer, kind: slow, delay_ms: 2000, model: quick}\n");
  auto before = quick.run_async(long_shot.bindings);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->wait(50ms), HAILO_TIMEOUT);
  const auto start = [&](auto& ready) {
    shots.push_back(std::make_unique<Shot>(ready));
    return ready.run_async(shots.back()->bindings).release();
  };
  auto first = start(low);
  auto second = start(low);
  auto third = start(high);
  auto fourth = start(high);
  EXPECT_EQ(second.wait(60s), HAILO_SUCCESS);
  EXPECT_EQ(fourth.wait(60s), HAILO_SUCCESS);
  first.detach();
  third.detach();
  EXPECT_THAT(runs_noted_in(folder.path("runs")),
              ElementsAre("+quick", "quick", "+camera", "+camera", "+lens", "+lens", "lens", "lens",
                          "camera", "camera"));
}

TEST_F(FakeInfer, A_priority_is_the_files_and_stays_with_it) {
  set("HAILO_FAKE_RUNS", folder.path("runs"));
  const auto mine = vdevice();
  const auto other = vdevice();
  auto blocker = configured(*mine, model("quick"));
  auto lens = configured(*mine, model("lens"));
  configured(*other, model("camera")).set_scheduler_priority(10);
  // Configured again, by another connection: still 10.
  auto camera = configured(*mine, model("camera"));
  Shot long_shot(blocker);
  Shot camera_shot(camera);
  Shot lens_shot(lens);
  faults("  - {op: infer, kind: slow, delay_ms: 2000, model: quick}\n");
  auto before = blocker.run_async(long_shot.bindings);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->wait(50ms), HAILO_TIMEOUT);
  auto low = camera.run_async(camera_shot.bindings);
  auto usual = lens.run_async(lens_shot.bindings);
  EXPECT_EQ(low->wait(60s), HAILO_SUCCESS);
  EXPECT_EQ(usual->wait(60s), HAILO_SUCCESS);
  EXPECT_THAT(runs_noted_in(folder.path("runs")),
              ElementsAre("+quick", "quick", "+camera", "+lens", "lens", "camera"));
}

TEST_F(FakeInfer, A_model_that_was_shut_down_holds_nobody_up) {
  const auto mine = vdevice();
  auto ended = configured(*mine, model("camera"));
  auto other = configured(*mine, model("lens"));
  ended.set_scheduler_priority(20);
  Shot one(ended);
  Shot two(ended);
  faults("  - {op: infer, kind: slow, delay_ms: 500, model: camera}\n");
  auto running = ended.run_async(one.bindings);
  auto waiting = ended.run_async(two.bindings);
  ASSERT_TRUE(running);
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->wait(100ms), HAILO_TIMEOUT);
  EXPECT_EQ(ended.shutdown(), HAILO_SUCCESS);
  EXPECT_EQ(waiting->wait(60s), HAILO_STREAM_ABORT);
  Shot other_shot(other);
  EXPECT_EQ(other.run(other_shot.bindings, 20s), HAILO_SUCCESS);
}

TEST_F(FakeInfer, Pictures_of_one_process_wait_for_at_most_a_token_of_another) {
  set("HAILO_FAKE_TIME_SCALE", "1");
  Peer talks;
  ASSERT_EQ(talks.say("group SHARED"), "0");
  ASSERT_EQ(talks.say("llm " + model("endless")), "0");
  ASSERT_EQ(talks.say("generate"), "0");
  Peer sees;
  ASSERT_EQ(sees.say("group SHARED"), "0");
  ASSERT_EQ(sees.say("load " + model("quick")), "0");
  std::istringstream answer(sees.say("run 20 20"));
  int status = -1;
  int slowest = -1;
  answer >> status >> slowest;
  EXPECT_EQ(status, 0);
  EXPECT_LT(slowest, 10000);  // a token takes 10 ms, the answer 30 s
}

}  // namespace
}  // namespace npu::fakes
