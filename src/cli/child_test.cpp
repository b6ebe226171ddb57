#include "cli/child.hpp"

#include <csignal>
#include <thread>

#include <gtest/gtest.h>

namespace npu::cli {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using End = ChildResult::End;

ChildResult shell(const std::string& script, Millis limit = 30s) {
  const auto result = run_child({"sh", "-c", script}, limit);
  EXPECT_TRUE(result);
  return result.value_or(ChildResult{});
}

TEST(Child, What_it_says_and_how_it_ends_is_told) {
  const auto result = shell("echo out; echo err >&2; exit 3");
  EXPECT_TRUE(result.exited_with(3));
  EXPECT_EQ(result.output, "out\n");
  EXPECT_EQ(result.errors, "err\n");
  EXPECT_EQ(shell("kill -ABRT $$").end, End::kSignalled);
  EXPECT_EQ(shell("kill -ABRT $$").status, SIGABRT);
}

TEST(Child, One_that_hangs_is_killed_at_its_deadline_and_what_it_wrote_is_kept) {
  const auto begin = std::chrono::steady_clock::now();
  const auto result = shell("echo said >&2; echo begun; exec sleep 600", 2s);
  EXPECT_EQ(result.end, End::kKilled);
  EXPECT_EQ(result.output, "begun\n");
  EXPECT_EQ(result.errors, "said\n");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 60s);
}

TEST(Child, One_that_closed_its_streams_and_hangs_is_killed_too) {
  EXPECT_EQ(shell("exec sleep 600 >&- 2>&-", 200ms).end, End::kKilled);
}

TEST(Child, Much_output_is_kept_and_of_many_errors_the_end) {
  const auto result = shell("seq 100000; seq 100000 >&2; echo last >&2");
  EXPECT_EQ(result.output.size(), 588895U);
  EXPECT_LE(result.errors.size(), 4096U);
  EXPECT_TRUE(result.errors.ends_with("100000\nlast\n"));
}

TEST(Child, Standard_input_is_empty) { EXPECT_TRUE(shell("! read line").exited_with(0)); }

TEST(Child, A_program_that_is_not_there_says_so) {
  const auto result = run_child({"/nonexistent/program"}, 10s);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->exited_with(127));
}

}  // namespace
}  // namespace npu::cli
