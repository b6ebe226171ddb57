#include "cli/hailort_probe.hpp"

#include <csignal>

#include <gtest/gtest.h>

namespace npu::cli {
namespace {

using End = ChildResult::End;

Error error_of(const ChildResult& child) {
  const auto answer = answer_of(child);
  EXPECT_FALSE(answer);
  return answer ? Error{} : answer.error();
}

TEST(HailortProbe, An_object_is_the_answer) {
  const auto answer = answer_of({.output = "{\"devices\": [], \"error\": {\"code\": \"busy\"}}\n"});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->size(), 2U);
}

TEST(HailortProbe, An_error_that_it_reports_keeps_its_code_and_text) {
  const Error error = error_of(
      {.status = 1, .output = R"({"error": {"code": "version_mismatch", "message": "m"}})"});
  EXPECT_EQ(error.code, ErrorCode::kVersionMismatch);
  EXPECT_EQ(error.message, "m");
  EXPECT_EQ(error_of({.output = R"({"error": {"code": "new"}})"}).code, ErrorCode::kInternal);
}

TEST(HailortProbe, The_last_line_is_the_answer_and_a_reading_is_none) {
  const auto answer = answer_of({.output = "{\"reading\": {\"a\": 1}}\n{\"result\": \"x\"}\n"});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->at("result"), "x");
  EXPECT_EQ(error_of({.end = End::kKilled, .output = "{\"reading\": {\"a\": 1}}\n"}).code,
            ErrorCode::kDeadlineExceeded);
}

TEST(HailortProbe, Whatever_else_happened_is_said) {
  EXPECT_EQ(error_of({.end = End::kKilled, .seconds = 60}).code, ErrorCode::kDeadlineExceeded);
  EXPECT_NE(error_of({.end = End::kStuck, .seconds = 60}).message.find("cannot be ended"),
            std::string::npos);
  const Error crash =
      error_of({.end = End::kSignalled, .status = SIGSEGV, .errors = "one\nassertion failed\n"});
  EXPECT_NE(crash.message.find("signal 11"), std::string::npos);
  EXPECT_NE(crash.message.find("assertion failed"), std::string::npos);
  EXPECT_NE(error_of({.status = 127, .output = "nonsense"}).message.find("127"), std::string::npos);
}

}  // namespace
}  // namespace npu::cli
