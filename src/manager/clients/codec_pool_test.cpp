#include "manager/clients/codec_pool.hpp"

#include <atomic>
#include <new>
#include <semaphore>
#include <string>

#include <gtest/gtest.h>

namespace npu::manager {
namespace {

class CodecPoolTest : public testing::Test {
 protected:
  void SetUp() override { pool_ = CodecPool::create(loop_, 1).value(); }

  // So many users keep a thread busy each, until begin().
  void occupy(std::ptrdiff_t users) {
    for (uid_t user = 100; user < 100U + static_cast<uid_t>(users); ++user) {
      pool_->run(
          user, std::make_unique<int>(), [this](int&) { free_.acquire(); },
          [](std::unique_ptr<int>) {});
    }
  }
  void begin() { free_.release(); }
  void add(uid_t user, char name) {
    pool_->run(
        user, std::make_unique<char>(name), [this](char& self) { begun_ += self; },
        [this](std::unique_ptr<char>) { ++finished_; });
  }
  void run_until_finished(std::size_t count) {
    while (finished_ < count) loop_.run_one();
  }

  boost::asio::io_context loop_;
  std::counting_semaphore<> free_{0};
  std::string begun_;
  std::size_t finished_ = 0;
  std::unique_ptr<CodecPool> pool_;
};

TEST_F(CodecPoolTest, Users_take_turns) {
  occupy(CodecPool::kUsers);
  for (int i = 0; i < 5; ++i) add(1, 'a');
  add(2, 'b');
  add(3, 'c');
  add(2, 'b');
  begin();
  run_until_finished(8);
  EXPECT_EQ(begun_, "abcabaaa");
  free_.release(CodecPool::kUsers);
}

TEST_F(CodecPoolTest, Two_users_whose_work_takes_long_leave_a_thread_to_others) {
  for (int i = 0; i < 10; ++i) occupy(2);
  add(1, 'a');
  run_until_finished(1);
  free_.release(20);
}

TEST_F(CodecPoolTest, Work_that_throws_is_done_all_the_same) {
  pool_->run(
      1, std::make_unique<int>(7), [](int&) { throw std::bad_alloc(); },
      [this](std::unique_ptr<int> state) { finished_ += static_cast<std::size_t>(*state); });
  run_until_finished(7);
}

TEST_F(CodecPoolTest, What_throws_on_the_event_loop_costs_no_other) {
  occupy(CodecPool::kUsers);
  pool_->run(
      1, std::make_unique<int>(), [](int&) {},
      [](std::unique_ptr<int>) { throw std::bad_alloc(); });
  add(1, 'a');
  begin();
  const auto run_all = [this] { run_until_finished(1); };
  EXPECT_THROW(run_all(), std::bad_alloc);
  run_all();
  EXPECT_EQ(begun_, "a");
  free_.release(CodecPool::kUsers);
}

TEST_F(CodecPoolTest, Its_end_stops_what_runs_and_drops_what_waits) {
  std::binary_semaphore running{0};
  const std::stop_token stop = pool_->stop();
  pool_->run(
      1, std::make_unique<int>(),
      [&](int&) {
        running.release();
        while (!stop.stop_requested()) std::this_thread::yield();
      },
      [this](std::unique_ptr<int>) { ++finished_; });
  running.acquire();
  add(1, 'a');
  pool_.reset();
  EXPECT_EQ(begun_, "");
  EXPECT_EQ(finished_, 0U);
}

}  // namespace
}  // namespace npu::manager
