#include "cli/doctor/doctor_test_support.hpp"

#include "fakes/fake_manager.hpp"

namespace npu::cli {
namespace {

using DoctorManager = MadeUp;
using fakes::FakeConnection;
using fakes::FakeManager;
using fakes::FakeRequest;

TEST_F(DoctorManager, A_missing_socket_is_an_error_that_says_how_to_start_the_manager) {
  const auto findings = check_socket(machine_);
  EXPECT_EQ(find(findings, "socket").level, Level::kError);
  EXPECT_NE(find(findings, "socket").advice.find("systemctl"), std::string::npos);
  EXPECT_EQ(find(check_manager(machine_), "manager").level, Level::kError);
  EXPECT_TRUE(advises(check_manager(machine_)));
}

TEST_F(DoctorManager, A_file_in_the_sockets_place_is_an_error) {
  std::ofstream(machine_.client.socket_path) << "x";
  EXPECT_EQ(find(check_socket(machine_), "socket").level, Level::kError);
}

TEST_F(DoctorManager, A_socket_that_you_may_not_open_is_an_error) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may open everything";
  FakeManager manager({.granted = {"tail"}});
  machine_.client.socket_path = manager.path();
  ::chmod(manager.path().c_str(), 0);
  const auto finding = find(check_socket(machine_), "socket.you");
  EXPECT_EQ(finding.level, Level::kError);
  EXPECT_NE(finding.advice.find("usermod -aG"), std::string::npos);
}

TEST_F(DoctorManager, A_healthy_manager_is_well_and_one_without_a_device_is_not) {
  FakeManager manager({.granted = {"tail"}});
  bool device = true;
  std::string broken;
  manager.always([&](FakeConnection& peer) {
    peer.serve([&](FakeConnection& self, const FakeRequest& request) {
      if (request.action() == "device_status" && !device) {
        self.refuse(request, "unavailable", "Device not initialized");
        return;
      }
      const boost::json::value reason =
          broken.empty() ? boost::json::value() : boost::json::value(broken);
      self.reply(request, {{"device_id", "x"}, {"runtime_broken_reason", reason}});
    });
  });
  machine_.client.socket_path = manager.path();
  EXPECT_EQ(worst(check_socket(machine_)), Level::kGood);
  auto findings = check_manager(machine_);
  EXPECT_EQ(find(findings, "manager").level, Level::kWarning);  // another version than this
  EXPECT_EQ(find(findings, "manager.device", "has device x").level, Level::kGood);
  device = false;
  broken = "worker died";
  findings = check_manager(machine_);
  EXPECT_EQ(find(findings, "manager.device", "has no device").level, Level::kError);
  EXPECT_EQ(find(findings, "manager.device", "worker died").level, Level::kError);
  EXPECT_TRUE(advises(findings));
}

}  // namespace
}  // namespace npu::cli
