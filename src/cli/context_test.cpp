#include "cli/context.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "fakes/fake_manager.hpp"

namespace npu::cli {
namespace {

using fakes::FakeConnection;
using fakes::FakeManager;
using fakes::FakeRequest;

constexpr auto npos = std::string::npos;

// Of a load that a manager refuses with this code, or that finds no manager for "".
struct Ended {
  int code;
  std::string errors;
};
Ended load(std::string_view refused_with) {
  FakeManager manager({.granted = {"tail"}});
  manager.always([&](FakeConnection& peer) {
    peer.serve([&](FakeConnection& self, const FakeRequest& request) {
      self.refuse(request, refused_with, "because");
    });
  });
  if (refused_with.empty()) manager.stop();
  Context context;
  context.socket = manager.path();
  testing::internal::CaptureStderr();
  const int code = context.with_client([&](BlockingDeviceClient& client) {
    const auto reply = client.load_model({.path = "/m.hef"});
    return reply ? kOk : context.report(reply.error());
  });
  return {code, testing::internal::GetCapturedStderr()};
}

TEST(Context, Without_a_manager_the_exit_code_and_the_advice_say_so) {
  const auto ended = load("");
  EXPECT_EQ(ended.code, kUnreachable);
  EXPECT_NE(ended.errors.find("systemctl start"), npos) << ended.errors;
}

TEST(Context, A_manager_that_refuses_is_there) {
  const auto unavailable = load("unavailable");
  EXPECT_EQ(unavailable.code, kFailed);
  EXPECT_NE(unavailable.errors.find("hailoctl doctor"), npos) << unavailable.errors;
  EXPECT_EQ(unavailable.errors.find("systemctl"), npos) << unavailable.errors;
  const auto denied = load("permission_denied");
  EXPECT_EQ(denied.code, kFailed);
  EXPECT_NE(denied.errors.find("models.dirs"), npos) << denied.errors;
  EXPECT_EQ(denied.errors.find("usermod"), npos) << denied.errors;
  EXPECT_EQ(load("deadline_exceeded").code, kTimeout);
}

TEST(Context, Who_may_not_open_the_socket_is_told_its_group_or_how_to_give_it_one) {
  EXPECT_NE(connect_advice(ErrorCode::kPermission, "/").find("--socket-group NAME"), npos);
  EXPECT_NE(join_group_advice("hailo").find("usermod -aG hailo"), npos);
}

}  // namespace
}  // namespace npu::cli
