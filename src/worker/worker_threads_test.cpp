// Several inferences under way on a device that has them all wait at once.
#include "worker/worker_threads.hpp"

#include <chrono>
#include <semaphore>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "base/unix_socket.hpp"
#include "fakes/fake_device.hpp"
#include "wire/tensor_json.hpp"
#include "worker/manager_end_test_support.hpp"
#include "worker/model_host.hpp"
#include "worker/worker_messages_test_support.hpp"

namespace npu::worker {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr auto kPatience = 60s;  // only ever waited for in full where something is broken

// Opens when as many have come as it was made for; then for everybody.
class Gate {
 public:
  explicit Gate(int needed) : needed_(needed) {}
  void come() {
    std::unique_lock lock(mutex_);
    if (--needed_ <= 0) opened_.notify_all();
    EXPECT_TRUE(opened_.wait_for(lock, kPatience, [&] { return needed_ <= 0; }));
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  int needed_;
};

class WorkerThreadsTest : public testing::Test {
 protected:
  WorkerThreadsTest() : WorkerThreadsTest(unix_pair().value()) {}
  explicit WorkerThreadsTest(std::pair<UniqueFd, UniqueFd> pair)
      : manager_(std::move(pair.first)), link_(std::move(pair.second)) {}
  ~WorkerThreadsTest() override {
    manager_.close_link();
    if (serving_.joinable()) serving_.join();
  }

  // Serves with so many threads a model that does `before` in each run.
  void serve(int threads, std::function<Status(device::RunContext&)> before) {
    device_.tensor_models["m.hef"] = {.inputs = {{"in", DType::kUint8, {2, 2, 3}}},
                                      .outputs = {{"out", DType::kFloat32, {2, 2, 1}}},
                                      .before = std::move(before)};
    serving_ = std::thread([this, threads] { served_ = threads_.serve(threads); });
    memory_ = manager_.region(1, 4096);
    ASSERT_EQ(code_of(manager_.ask(load_message(1, "m", "depth", "m.hef"))), "no error");
  }
  void infer(int job) {
    manager_.send(
        infer_message(job, "m", {{"input", wire::region_tensor(DType::kUint8, {2, 2, 3}, 1, 0)}}));
  }
  int next_job() { return manager_.receive().at("job").to_number<int>(); }
  Status end() {
    manager_.close_link();
    serving_.join();
    return served_;
  }

  fakes::FakeDevice device_;
  ManagerEnd manager_;
  Link link_;
  ModelHost host_{link_, device_};
  std::atomic<int> ends_ = 0;
  WorkerThreads threads_{
      link_, [this](const wire::ReceivedOrder& message) { return host_.handle(message); },
      [this](const Status&) { ++ends_; }};
  SharedMemory memory_;
  Status served_;
  std::thread serving_;
};

TEST_F(WorkerThreadsTest, As_many_inferences_wait_for_the_device_together_as_there_are_threads) {
  Gate gate(3);
  serve(3, [&](device::RunContext& context) -> Status {
    context.while_waiting([&] { gate.come(); });
    return {};
  });
  for (int job = 2; job < 5; ++job) infer(job);
  std::set<int> answered;
  for (int i = 0; i < 3; ++i) answered.insert(next_job());
  EXPECT_EQ(answered, (std::set{2, 3, 4}));
  EXPECT_TRUE(end());
  EXPECT_EQ(ends_, 1);
}

TEST_F(WorkerThreadsTest, Whoever_does_not_wait_is_alone_with_the_device) {
  int inside = 0;
  int together = 0;
  serve(4, [&](device::RunContext& context) -> Status {
    for (int round = 0; round < 3; ++round) {
      together = std::max(together, ++inside);
      std::this_thread::yield();
      --inside;
      context.while_waiting([] { std::this_thread::yield(); });
    }
    return {};
  });
  for (int job = 2; job < 202; ++job) infer(job);
  for (int job = 2; job < 202; ++job) next_job();
  EXPECT_TRUE(end());
  EXPECT_EQ(together, 1);
  EXPECT_EQ(device_.runs.size(), 200U);
}

TEST_F(WorkerThreadsTest, Answers_leave_as_inferences_end_and_not_as_they_came) {
  std::binary_semaphore first(0);
  int runs = 0;
  serve(2, [&](device::RunContext& context) -> Status {
    if (++runs == 1) context.while_waiting([&] { EXPECT_TRUE(first.try_acquire_for(kPatience)); });
    return {};
  });
  infer(2);
  infer(3);
  EXPECT_EQ(next_job(), 3);
  infer(4);
  EXPECT_EQ(next_job(), 4);
  first.release();
  EXPECT_EQ(next_job(), 2);
}

TEST_F(WorkerThreadsTest, What_changes_the_models_waits_for_running_inferences_and_is_alone) {
  std::counting_semaphore<> go(0);
  std::atomic<int> waiting = 0;
  serve(3, [&](device::RunContext& context) -> Status {
    context.while_waiting([&] {
      ++waiting;
      EXPECT_TRUE(go.try_acquire_for(kPatience));
    });
    return {};
  });
  infer(2);
  infer(3);
  manager_.send(json::object{{"op", "unload"}, {"job", 4}, {"model", "m"}});
  infer(5);
  while (waiting < 2) std::this_thread::yield();
  go.release(2);
  EXPECT_EQ(next_job() + next_job(), 2 + 3);
  EXPECT_EQ(next_job(), 4);
  const auto gone = manager_.receive();
  EXPECT_EQ(gone.at("job").to_number<int>(), 5);
  EXPECT_EQ(code_of(gone), "not_found");
}

TEST_F(WorkerThreadsTest, Inferences_go_on_beside_a_load) {
  std::binary_semaphore go(0);
  serve(2, [&](device::RunContext&) -> Status { return {}; });
  device_.before_load = [&](device::RunContext& context) {
    context.while_waiting([&] { EXPECT_TRUE(go.try_acquire_for(kPatience)); });
  };
  device_.tensor_models["n.hef"] = device_.tensor_models["m.hef"];
  manager_.send(load_message(2, "n", "depth", "n.hef"));
  infer(3);
  EXPECT_EQ(next_job(), 3);
  go.release();
  EXPECT_EQ(next_job(), 2);
}

TEST_F(WorkerThreadsTest, Loads_go_one_after_another) {
  int inside = 0;
  int together = 0;
  serve(4, [&](device::RunContext&) -> Status { return {}; });
  device_.before_load = [&](device::RunContext& context) {
    together = std::max(together, ++inside);
    context.while_waiting([] { std::this_thread::yield(); });
    --inside;
  };
  for (int job = 2; job < 52; ++job) manager_.send(load_message(job, "n", "depth", "m.hef"));
  for (int job = 2; job < 52; ++job) EXPECT_EQ(next_job(), job);
  EXPECT_EQ(together, 1);
}

TEST_F(WorkerThreadsTest, Readings_do_not_wait_for_running_inferences) {
  std::binary_semaphore go(0);
  serve(2, [&](device::RunContext& context) -> Status {
    context.while_waiting([&] { EXPECT_TRUE(go.try_acquire_for(kPatience)); });
    return {};
  });
  infer(2);
  manager_.send(json::object{{"op", "telemetry"}, {"job", 3}});
  EXPECT_EQ(next_job(), 3);
  go.release();
  EXPECT_EQ(next_job(), 2);
}

TEST_F(WorkerThreadsTest, One_of_several_running_inferences_is_cancelled) {
  Gate both_run(3);
  serve(2, [&](device::RunContext& context) -> Status {
    context.while_waiting([&] { both_run.come(); });
    // A device that can be interrupted: of the two only the cancelled one stops waiting.
    const auto soon = std::chrono::steady_clock::now() + 10ms;
    const auto late = std::chrono::steady_clock::now() + kPatience;
    if (context.priority() == Priority::kInteractive) {
      return context.wait_until(soon) ? Status() : fail(ErrorCode::kCancelled, "cancelled");
    }
    return context.wait_until(late) ? Status() : fail(ErrorCode::kCancelled, "cancelled");
  });
  infer(2);
  auto second =
      infer_message(3, "m", {{"input", wire::region_tensor(DType::kUint8, {2, 2, 3}, 1, 0)}});
  second["priority"] = "batch";
  manager_.send(second);
  both_run.come();
  manager_.send(json::object{{"op", "cancel"}, {"job", 3}});
  for (int i = 0; i < 2; ++i) {
    const auto done = manager_.receive();
    EXPECT_EQ(code_of(done), done.at("job") == 3 ? "cancelled" : "no error");
  }
}

// The message is taken in by a thread that then waits for what the message leads to.
TEST_F(WorkerThreadsTest, A_message_that_a_running_inference_has_taken_in_is_handled_meanwhile) {
  std::binary_semaphore opened(0);
  int runs = 0;
  serve(2, [&](device::RunContext& context) -> Status {
    if (++runs % 2 == 0) {
      opened.release();
      return {};
    }
    while (!context.another_waits() && !context.cancelled()) std::this_thread::yield();
    context.while_waiting([&] { EXPECT_TRUE(opened.try_acquire_for(kPatience)); });
    return {};
  });
  for (int round = 0; round < 100; ++round) {
    infer(2);
    infer(3);
    EXPECT_EQ(next_job() + next_job(), 2 + 3);
  }
}

TEST_F(WorkerThreadsTest, The_loss_of_the_link_cancels_all_that_run_and_ends_the_threads) {
  Gate all(3);
  std::atomic<int> cancelled = 0;
  serve(3, [&](device::RunContext& context) -> Status {
    context.while_waiting([&] { all.come(); });
    if (!context.wait_until(std::chrono::steady_clock::now() + kPatience)) ++cancelled;
    return {};
  });
  for (int job = 2; job < 5; ++job) infer(job);
  EXPECT_TRUE(end());
  EXPECT_EQ(cancelled, 3);
  EXPECT_EQ(ends_, 1);
}

TEST_F(WorkerThreadsTest,
       A_loss_of_the_device_ends_the_threads_at_once_and_the_rest_when_it_returns) {
  std::binary_semaphore go(0);
  int runs = 0;
  serve(2, [&](device::RunContext& context) -> Status {
    if (++runs == 2) return fail(ErrorCode::kDeviceLost, "gone");
    context.while_waiting([&] { EXPECT_TRUE(go.try_acquire_for(kPatience)); });
    return {};
  });
  infer(2);
  infer(3);
  EXPECT_EQ(manager_.receive().at("op"), "lost");
  while (ends_ == 0) std::this_thread::yield();
  go.release();
  serving_.join();
  ASSERT_FALSE(served_);
  EXPECT_EQ(served_.error().code, ErrorCode::kDeviceLost);
}

TEST_F(WorkerThreadsTest,
       A_message_that_cannot_be_meant_ends_the_threads_beside_a_running_inference) {
  std::binary_semaphore go(0);
  serve(2, [&](device::RunContext& context) -> Status {
    context.while_waiting([&] { EXPECT_TRUE(go.try_acquire_for(kPatience)); });
    return {};
  });
  infer(2);
  manager_.send(json::object{{"op", "dance"}});
  go.release();
  serving_.join();
  ASSERT_FALSE(served_);
  EXPECT_EQ(served_.error().code, ErrorCode::kMalformed);
}

TEST_F(WorkerThreadsTest, One_thread_works_in_the_order_of_the_messages) {
  serve(1, [](device::RunContext& context) -> Status {
    context.while_waiting([] {});
    return {};
  });
  for (int job = 2; job < 52; ++job) infer(job);
  for (int job = 2; job < 52; ++job) EXPECT_EQ(next_job(), job);
  EXPECT_TRUE(end());
}

}  // namespace
}  // namespace npu::worker
