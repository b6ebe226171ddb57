#include "manager/settings/config.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "fakes/temp_dir.hpp"
#include "manager/settings/http_bind.hpp"
#include "manager/settings/socket_mode.hpp"

namespace npu::manager {
namespace {

TEST(SocketMode, Is_octal_as_people_and_the_installer_write_it) {
  EXPECT_EQ(parse_socket_mode("0660"), 0660U);
  EXPECT_EQ(parse_socket_mode("660"), 0660U);
  EXPECT_EQ(parse_socket_mode("0o660"), 0660U);
  EXPECT_EQ(parse_socket_mode("0O666"), 0666U);
  EXPECT_EQ(parse_socket_mode("0x1b0"), 0660U);
  EXPECT_EQ(parse_socket_mode("0"), 0U);
}

TEST(SocketMode, Refuses_what_could_be_meant_otherwise) {
  for (const char* text : {"", "432", "1777", "888", "0888", "01777", "0o", "0x", "0x200", "-660",
                           " 660", "660 ", "rw-rw----", "66", "6660"}) {
    if (std::string(text) == "432") continue;  // three octal digits: octal
    EXPECT_FALSE(parse_socket_mode(text)) << text;
  }
  EXPECT_EQ(parse_socket_mode("432"), 0432U);
}

TEST(HttpBind, Takes_hosts_ports_and_the_words_for_off) {
  for (const char* off : {"", "0", "off", "OFF", "false", "none", "disable", "disabled", " off ",
                          "127.0.0.1:http", "127.0.0.1:", "127.0.0.1:70000", "x"}) {
    EXPECT_FALSE(parse_http_bind(off)) << off;
  }
  const auto expect = [](const char* text, const char* host, int port) {
    const auto bind = parse_http_bind(text);
    ASSERT_TRUE(bind) << text;
    EXPECT_EQ(bind->host, host) << text;
    EXPECT_EQ(bind->port, port) << text;
  };
  expect("127.0.0.1:5099", "127.0.0.1", 5099);
  expect("0.0.0.0:80", "0.0.0.0", 80);
  expect("5099", "127.0.0.1", 5099);
  expect(":5099", "127.0.0.1", 5099);
  expect("[::1]:5099", "::1", 5099);
  expect("localhost:0", "localhost", 0);
}

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    file_ =
        std::filesystem::temp_directory_path() / ("manager-config-" + std::to_string(::getpid()));
    std::ofstream(file_) << "socket: {path: /run/a.sock, mode: \"0600\"}\n"
                            "models: {dirs: [/srv/models]}\nlimits: {connections: 7}\n";
  }
  ~ConfigTest() override {
    std::filesystem::remove(file_);
    ::unsetenv("HAILO_DEVICE_SOCKET");
    ::unsetenv("HAILO_DEVICE_HTTP_BIND");
    ::unsetenv("HAILO_DEVICE_SOCKET_MODE");
  }

  std::optional<int> load(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), {"manager", "--config", file_.c_str()});
    return load_config(config_, static_cast<int>(arguments.size()), arguments.data());
  }

  std::filesystem::path file_;
  Config config_;
};

TEST_F(ConfigTest, Flags_outrank_the_environment_and_that_the_file) {
  ::setenv("HAILO_DEVICE_SOCKET", "/run/b.sock", 1);
  ASSERT_FALSE(load({}));
  EXPECT_EQ(config_.socket_path, "/run/b.sock");
  EXPECT_EQ(config_.mode(), 0600U);
  EXPECT_EQ(config_.max_connections, 7U);
  EXPECT_EQ(config_.model_dirs, std::vector<std::string>{"/srv/models"});
  ASSERT_FALSE(load({"--socket-path", "/run/c.sock"}));
  EXPECT_EQ(config_.socket_path, "/run/c.sock");
}

TEST_F(ConfigTest, An_empty_bind_turns_HTTP_off) {
  ::setenv("HAILO_DEVICE_HTTP_BIND", "", 1);
  ASSERT_FALSE(load({}));
  EXPECT_FALSE(config_.http());
}

TEST_F(ConfigTest, The_group_is_one_that_the_workers_can_share) {
  ASSERT_FALSE(load({}));
  EXPECT_EQ(config_.group_id, "SHARED");
  ASSERT_FALSE(load({"--group-id", "7"}));
  EXPECT_EQ(config_.group_id, "7");
  ASSERT_FALSE(load({"--group-id", "-1"}));
  EXPECT_EQ(config_.group_id, "SHARED") << "as the first of its kind wrote it";
  for (const char* wrong : {"UNIQUE", ""}) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(load({"--group-id", wrong}), 1) << wrong;
    EXPECT_NE(testing::internal::GetCapturedStderr().find("device.group_id"), std::string::npos);
  }
}

TEST(DeviceNode, Is_what_the_kernel_or_either_naming_says) {
  const fakes::TempDir root;
  const auto make = [&](const char* path) {
    const std::filesystem::path at = root.path(path);
    std::filesystem::create_directories(at.parent_path());
    std::ofstream(at) << "";
  };
  const auto node = [&] {
    return device_node(root.path("")).value_or("none").substr(root.path("").size() + 1);
  };
  EXPECT_FALSE(device_node(root.path("")));
  EXPECT_FALSE(socket_group({}, root.path("")));
  make("dev/hailo");
  make("dev/h1x-control");
  EXPECT_FALSE(device_node(root.path("")));
  make("dev/h1x-0");
  EXPECT_EQ(node(), "dev/h1x-0");
  EXPECT_EQ(socket_group({}, root.path("")), ::getegid());
  make("dev/npu0");
  make("sys/class/net/eth0");
  make("sys/class/hailo1x/gone");
  make("sys/class/hailo1x/npu0");
  EXPECT_EQ(node(), "dev/npu0");
}

TEST_F(ConfigTest, A_wrong_mode_ends_the_program_unless_it_is_the_environments) {
  for (const char* mode : {"rw", "", "9"}) {
    ::setenv("HAILO_DEVICE_SOCKET_MODE", mode, 1);
    testing::internal::CaptureStderr();
    EXPECT_FALSE(load({})) << mode;
    EXPECT_NE(testing::internal::GetCapturedStderr().find("octal"), std::string::npos);
    EXPECT_EQ(config_.mode(), 0600U) << "that of the file";
  }
  testing::internal::CaptureStderr();
  EXPECT_EQ(load({"--socket-mode", "rw"}), 1);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("octal"), std::string::npos);
}

TEST_F(ConfigTest, The_variables_of_the_reference_manager_never_keep_it_from_starting) {
  const std::pair<const char*, const char*> kOdd[] = {
      {"HAILO_DEVICE_SOCKET", ""},          {"HAILO_DEVICE_MAX_MESSAGE_BYTES", "0x4000000"},
      {"HAILO_DEVICE_SOCKET_MODE", "660x"}, {"HAILO_DEVICE_SOCKET_GROUP", ""},
      {"HAILO_DEVICE_MAX_EVICTIONS", "x"},  {"HAILO_DEVICE_HTTP_BIND", "x"},
      {"HAILO_DEVICE_GROUP_ID", "-5"},      {"HAILO_MODEL_DIRS", ""},
      {"HAILO_LOG_LEVEL", "loud"},          {"HAILO_WORKER_THREADS", "many"}};
  for (const auto& [name, value] : kOdd) ::setenv(name, value, 1);
  testing::internal::CaptureStderr();
  EXPECT_FALSE(load({}));
  testing::internal::GetCapturedStderr();
  for (const auto& [name, value] : kOdd) ::unsetenv(name);
  EXPECT_EQ(config_.socket_path, "/run/a.sock");
  EXPECT_EQ(config_.max_message_bytes, 64U << 20);
  EXPECT_EQ(config_.group_id, "SHARED");
  EXPECT_EQ(config_.model_dirs, std::vector<std::string>{"/srv/models"});
  EXPECT_EQ(config_.log_level, "info");
  EXPECT_FALSE(config_.http());
}

}  // namespace
}  // namespace npu::manager
