#include "cli/doctor_checks.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "fakes/fake_manager.hpp"

namespace npu::cli {
namespace {

using fakes::FakeConnection;
using fakes::FakeManager;
using fakes::FakeRequest;

class Doctor : public testing::Test {
 protected:
  Doctor() {
    std::string pattern = std::filesystem::temp_directory_path() / "doctor-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    directory_ = pattern;
    paths_.dev = directory_ / "dev";
    paths_.model_dirs = {directory_ / "models"};
    paths_.client = {.socket_path = directory_ / "device.sock",
                     .timeout = Millis{5000},
                     .connect_patience = Millis{0}};
    std::filesystem::create_directory(paths_.dev);
  }
  ~Doctor() override { std::filesystem::remove_all(directory_); }

  static Level worst(const std::vector<Finding>& findings) {
    return static_cast<Level>(exit_code_of(findings));
  }
  static bool all_bad_ones_advise(const std::vector<Finding>& findings) {
    return std::ranges::all_of(findings, [](const Finding& finding) {
      return finding.level == Level::kGood || !finding.advice.empty();
    });
  }
  void node(const std::string& name, mode_t mode) {
    std::ofstream(std::filesystem::path(paths_.dev) / name) << "";
    ::chmod((std::filesystem::path(paths_.dev) / name).c_str(), mode);
  }

  std::filesystem::path directory_;
  DoctorPaths paths_;
};

TEST_F(Doctor, A_missing_socket_is_an_error_that_says_how_to_start_the_manager) {
  const auto findings = check_socket(paths_);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, Level::kError);
  EXPECT_NE(findings[0].advice.find("systemctl"), std::string::npos);
  EXPECT_EQ(worst(check_manager(paths_)), Level::kError);
  EXPECT_EQ(exit_code_of(examine(paths_)), 2);
  EXPECT_TRUE(all_bad_ones_advise(examine(paths_)));
}

TEST_F(Doctor, A_file_in_the_sockets_place_is_an_error) {
  std::ofstream(paths_.client.socket_path) << "x";
  EXPECT_EQ(worst(check_socket(paths_)), Level::kError);
}

TEST_F(Doctor, Device_nodes_for_everybody_are_a_warning) {
  EXPECT_EQ(worst(check_device_nodes(paths_)), Level::kWarning);  // none at all
  node("hailo0", 0660);
  node("null", 0666);
  EXPECT_EQ(check_device_nodes(paths_).size(), 1U);
  EXPECT_EQ(worst(check_device_nodes(paths_)), Level::kGood);
  node("h1x-0", 0666);
  EXPECT_EQ(worst(check_device_nodes(paths_)), Level::kWarning);
}

TEST_F(Doctor, A_healthy_manager_is_well_and_one_without_a_device_is_not) {
  FakeManager manager({.granted = {"tail"}});
  bool device = true;
  manager.always([&](FakeConnection& peer) {
    peer.serve([&](FakeConnection& self, const FakeRequest& request) {
      if (request.action() == "device_status" && !device) {
        self.refuse(request, "unavailable", "Device not initialized");
      } else {
        self.reply(request, {{"device_id", "x"}, {"runtime_broken_reason", nullptr}});
      }
    });
  });
  paths_.client.socket_path = manager.path();
  EXPECT_EQ(worst(check_socket(paths_)), Level::kGood);
  EXPECT_EQ(worst(check_manager(paths_)), Level::kWarning);  // another version than this
  device = false;
  EXPECT_EQ(worst(check_manager(paths_)), Level::kError);
  EXPECT_TRUE(all_bad_ones_advise(check_manager(paths_)));
}

TEST_F(Doctor, Model_directories_are_looked_into) {
  EXPECT_EQ(worst(check_model_dirs(paths_)), Level::kWarning);
  std::filesystem::create_directory(paths_.model_dirs[0]);
  EXPECT_EQ(worst(check_model_dirs(paths_)), Level::kGood);
}

}  // namespace
}  // namespace npu::cli
