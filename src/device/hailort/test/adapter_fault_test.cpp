// The device when something goes wrong, without being lost.

#include <atomic>
#include <new>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/hailort/test/adapter_test_support.hpp"

namespace npu::device::hailort {
namespace {

using testing::HasSubstr;

class AdapterFault : public AdapterTest {
 protected:
  void SetUp() override {
    model_ = load("plain", kPlain);
    tensors_.emplace(*model_);
    tensors_->fill(4);
  }
  Status run() { return model_->run(tensors_->inputs(), tensors_->outputs(), context_); }
  void expect_that_it_runs() {
    const auto status = run();
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_NEAR(tensors_->floats(0)[0], expected("plain", tensors_->in, 0) / 1000.0, 0.0006);
  }

  std::unique_ptr<TensorModel> model_;
  std::optional<Tensors> tensors_;
};

TEST_F(AdapterFault, A_network_that_died_is_configured_anew_and_nobody_notices) {
  for (const int status : {2, 6, 8, 57, 63}) {
    faults("op: infer, kind: status, status: " + std::to_string(status));
    expect_that_it_runs();
  }
}

TEST_F(AdapterFault, What_fails_twice_is_an_error_and_the_next_run_goes_well) {
  faults("op: infer, kind: status, status: 6, times: 2");
  const auto status = run();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kInternal);
  EXPECT_THAT(status.error().message, HasSubstr("running plain.hef: HAILO_INVALID_OPERATION (6)"));
  expect_that_it_runs();
}

TEST_F(AdapterFault, Runs_that_were_under_way_with_the_one_that_failed_are_run_again) {
  faults("op: infer, kind: status, status: 8, after: 1");
  Tensors other(*model_);
  other.fill(7);
  context_.meanwhile = [&] {
    TestContext context;
    const auto status = model_->run(other.inputs(), other.outputs(), context);
    EXPECT_TRUE(status) << status.error().message;
  };
  expect_that_it_runs();
}

TEST_F(AdapterFault, Runs_of_many_threads_survive_failures_here_and_there) {
  faults(
      "op: infer, kind: status, status: 8, after: 20\n"
      "op: infer, kind: status, status: 63, after: 40\n"
      "op: infer, kind: status, status: 8, after: 60, times: 4");
  std::mutex turn;
  std::atomic<int> done = 0;
  const auto work = [&](std::uint8_t seed) {
    const std::lock_guard lock(turn);
    Tensors tensors(*model_);
    tensors.fill(seed);
    for (int i = 0; i < 50; ++i) {
      TurnContext context(turn, seed % 2 == 0 ? Priority::kBatch : Priority::kInteractive);
      const auto status = model_->run(tensors.inputs(), tensors.outputs(), context);
      // Only a run that failed twice itself, of which four failures in a row make two at most.
      if (!status) {
        EXPECT_NE(status.error().code, ErrorCode::kDeviceLost) << status.error().message;
        continue;
      }
      ++done;
      EXPECT_NEAR(tensors.floats(0)[0], expected("plain", tensors.in, 0) / 1000.0, 0.0006);
    }
  };
  std::vector<std::thread> threads;
  for (const std::uint8_t seed : {1, 2, 3, 4}) threads.emplace_back(work, seed);
  for (auto& thread : threads) thread.join();
  EXPECT_GE(done, 4 * 50 - 2);
  expect_that_it_runs();
}

TEST_F(AdapterFault, Other_models_run_while_a_dead_network_is_configured_anew) {
  const auto other = load("other", std::string(kPlain) + "name: other\n");
  Tensors tensors(*other);
  faults(
      "op: infer, model: plain, kind: status, status: 8\n"
      "op: load, model: plain, kind: slow, delay_ms: 2000");
  std::mutex turn;
  std::atomic<bool> over = false;
  std::thread first([&] {
    const std::lock_guard lock(turn);
    TurnContext context(turn, Priority::kInteractive);
    EXPECT_TRUE(model_->run(tensors_->inputs(), tensors_->outputs(), context));
    over = true;
  });
  int meanwhile = 0;
  while (!over) {
    const std::lock_guard lock(turn);
    TurnContext context(turn, Priority::kInteractive);
    EXPECT_TRUE(other->run(tensors.inputs(), tensors.outputs(), context));
    if (!over) ++meanwhile;
  }
  first.join();
  EXPECT_GE(meanwhile, 20);
}

TEST_F(AdapterFault, A_frame_that_takes_too_long_ends_and_the_model_goes_on) {
  environment("HAILO_FRAME_TIMEOUT_MS", "2000");
  model_ = load("plain", kPlain);
  faults("op: infer, kind: slow, delay_ms: 2300");
  const auto status = run();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable) << status.error().message;
  EXPECT_THAT(status.error().message, HasSubstr("HAILO_TIMEOUT (4)"));
  expect_that_it_runs();
}

// The nth wait of a run is what the test says.
class WaitingContext final : public TestContext {
 public:
  WaitingContext(int nth, std::function<void()> what) : left_(nth), what_(std::move(what)) {}
  void while_waiting(const std::function<void()>& wait) override {
    if (--left_ == 0) what_();
    wait();
  }

 private:
  int left_;
  std::function<void()> what_;
};

TEST_F(AdapterFault,
       A_run_that_comes_while_another_settles_its_time_out_does_not_give_up_the_chip) {
  environment("HAILO_FRAME_TIMEOUT_MS", "100");
  model_ = load("plain", kPlain);
  faults("op: infer, kind: slow, delay_ms: 60000");
  const auto late = [](const Status& status) {
    return !status && status.error().code == ErrorCode::kUnavailable;
  };
  bool came = false;
  // Its first wait is for the frame; in the second the chip is asked whether it is there. The core
  // is busy for longer than either run has.
  WaitingContext context(2, [&] { came = late(run()); });
  EXPECT_TRUE(late(model_->run(tensors_->inputs(), tensors_->outputs(), context)));
  EXPECT_TRUE(came);
  EXPECT_TRUE(device().alive());
}

TEST_F(AdapterFault, Time_outs_with_a_load_between_them_are_no_loss) {
  for (int i = 0; i < 2; ++i) {
    faults("op: infer, kind: status, status: 4, times: 2");
    EXPECT_EQ(run().error().code, ErrorCode::kUnavailable);
    load("other", kPlain);
  }
  EXPECT_TRUE(device().alive());
}

TEST_F(AdapterFault, A_run_that_throws_while_it_configures_anew_blocks_nobody) {
  faults("op: infer, kind: status, status: 8");
  // For the frame, for the chip's answer, for the new network.
  WaitingContext context(3, [] { throw std::bad_alloc(); });
  EXPECT_THROW((void)model_->run(tensors_->inputs(), tensors_->outputs(), context), std::bad_alloc);
  expect_that_it_runs();
}

TEST_F(AdapterFault, What_the_chip_has_against_a_network_that_it_had_is_no_mistake_of_the_run) {
  faults(
      "op: infer, kind: status, status: 8\n"
      "op: load, kind: status, status: 26");
  const auto status = run();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kInternal) << status.error().message;
  expect_that_it_runs();
}

TEST_F(AdapterFault, A_wrong_list_of_boxes_is_an_error_of_that_run) {
  model_ = load("yolo", R"(
kind: tensor
inputs: [{name: yolo/in, dtype: uint8, shape: [8, 8, 3]}]
outputs: [{name: yolo/nms, nms: {order: by_score, classes: 3, boxes: 4}}]
)");
  tensors_.emplace(*model_);
  faults("op: infer, kind: wrong_output, value: nan");
  const auto status = run();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kInternal);
  EXPECT_TRUE(run());
}

}  // namespace
}  // namespace npu::device::hailort
