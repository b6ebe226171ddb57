// Real child processes: how one ended, in words. What else they are is in the tests of the manager.
#include "manager/lanes/worker_process.hpp"

#include <gtest/gtest.h>

namespace npu::manager {
namespace {

// How a shell that ran the script ended.
std::string end_of(const std::string& script) {
  boost::asio::io_context io;
  auto spawned = WorkerProcess::spawn(io, "/bin/sh", {"-c", script}, std::chrono::seconds(60));
  EXPECT_TRUE(spawned);
  std::string how;
  spawned->process->on_exit([&](std::string text) { how = std::move(text); });
  io.run();
  return how;
}

TEST(WorkerProcess, Says_how_a_worker_ended) {
  EXPECT_EQ(end_of("exit 3"), "exited with status 3");
  EXPECT_EQ(end_of("kill -9 $$"), "killed by signal 9");
  EXPECT_EQ(end_of("kill -SYS $$"),
            "ended because of a system call that it may not make (signal 31)");
}

TEST(WorkerProcess, A_worker_that_tried_what_it_may_not_is_ended_and_its_last_word_is_told) {
  EXPECT_EQ(end_of("printf execve >&4; exec sleep 1000"),
            "ended because it tried execve, which it may not");
}

TEST(WorkerProcess, Last_words_are_the_name_of_a_call_and_nothing_else) {
  EXPECT_EQ(end_of("printf 'execve; all is well\\n' >&4; exec sleep 1000"),
            "ended because it tried execve, which it may not");
  EXPECT_EQ(end_of("printf '\\033[2J' >&4; exec sleep 1000"), "killed by signal 9");
  const std::string flood = end_of("head -c 10000 /dev/zero | tr '\\0' a >&4; exec sleep 1000");
  EXPECT_LT(flood.size(), 100U) << flood;
}

}  // namespace
}  // namespace npu::manager
