#include "http/work_pool.hpp"

#include <future>
#include <semaphore>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

namespace npu::http {
namespace {

namespace asio = boost::asio;

template <class T>
T run(awaitable<T> work) {
  asio::io_context io;
  auto result = asio::co_spawn(io, std::move(work), asio::use_future);
  io.run();
  return result.get();
}

TEST(WorkPool, A_job_runs_on_another_thread_and_the_caller_resumes_on_its_own) {
  WorkPool pool({.threads = 1});
  const auto caller = std::this_thread::get_id();
  const auto resumed = run([&]() -> awaitable<bool> {
    const auto worker = co_await on(pool, [] { return std::this_thread::get_id(); });
    co_return worker && *worker != caller&& std::this_thread::get_id() == caller;
  }());
  EXPECT_TRUE(resumed);
}

TEST(WorkPool, Results_and_exceptions_come_back_as_results) {
  WorkPool pool({.threads = 1});
  const auto failed =
      run(on(pool, []() -> Result<int> { return fail(ErrorCode::kMalformed, "m"); }));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "m");
  const auto threw = run(on(pool, []() -> int { throw std::runtime_error("secret"); }));
  ASSERT_FALSE(threw);
  EXPECT_EQ(threw.error().code, ErrorCode::kInternal);
  EXPECT_EQ(threw.error().message.find("secret"), std::string::npos);
  const auto memory = run(on(pool, []() -> int { throw std::bad_alloc(); }));
  EXPECT_EQ(memory.error().code, ErrorCode::kOverloaded);
  EXPECT_TRUE(run(on(pool, [] {})));
}

TEST(WorkPool, Over_the_bound_a_job_is_refused_with_a_time_to_retry) {
  asio::io_context io;
  WorkPool pool({.threads = 1, .max_waiting = 1});
  std::binary_semaphore begun(0);
  std::binary_semaphore release(0);
  auto first = asio::co_spawn(io,
                              on(pool,
                                 [&] {
                                   begun.release();
                                   release.acquire();
                                 }),
                              asio::use_future);
  io.poll();
  begun.acquire();
  auto second = asio::co_spawn(io, on(pool, [] { return 2; }), asio::use_future);
  auto third = asio::co_spawn(io, on(pool, [] { return 3; }), asio::use_future);
  auto continued = asio::co_spawn(
      io, on(pool, [] { return 4; }, PoolTurn({}, {}, PoolEntry::kContinued)), asio::use_future);
  io.poll();
  const auto refused = third.get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOverloaded);
  EXPECT_GT(refused.error().retry_after.value_or(Millis(0)).count(), 0);
  release.release();
  io.restart();
  io.run();
  EXPECT_TRUE(first.get());
  EXPECT_EQ(*second.get(), 2);
  EXPECT_EQ(*continued.get(), 4);
}

TEST(WorkPool, A_job_whose_request_was_stopped_before_it_began_does_not_run) {
  WorkPool pool({.threads = 1});
  std::stop_source stop;
  stop.request_stop();
  bool ran = false;
  const auto result = run(on(pool, [&] { ran = true; }, stop.get_token()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace npu::http
