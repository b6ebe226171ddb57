#include "store/pull_command.hpp"

#include <gtest/gtest.h>

namespace npu::store {
namespace {

TEST(PullCommand, Is_found_in_a_message_and_nothing_else_of_it) {
  const std::string message =
      "Model file not found: /secret/x.hef (no hailo10h variant is installed: " +
      pull_command("yolov8s_pose") + " brings it)";
  EXPECT_EQ(pull_command_in(message), "hailoctl pull yolov8s_pose");
  EXPECT_EQ(pull_command_in("hailoctl pull scdepthv3"), "hailoctl pull scdepthv3");
}

TEST(PullCommand, Is_not_found_where_there_is_none) {
  EXPECT_EQ(pull_command_in(""), "");
  EXPECT_EQ(pull_command_in("Model file not found: /x.hef"), "");
  EXPECT_EQ(pull_command_in("hailoctl pull "), "");
  EXPECT_EQ(pull_command_in("hailoctl pull /etc/passwd"), "");
}

}  // namespace
}  // namespace npu::store
