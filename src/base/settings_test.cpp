#include "base/settings.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <gtest/gtest.h>

namespace npu {
namespace {

class SettingsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "settingsXXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  void TearDown() override {
    ::unsetenv("NPU_TEST_PORT");
    std::filesystem::remove_all(dir_);
  }

  std::string write(const std::string& text) {
    const std::string path = dir_ / "config.yaml";
    std::ofstream(path) << text;
    return path;
  }

  std::optional<int> load(std::vector<const char*> args) {
    Settings settings("prog", "A program.");
    settings.config_file({(dir_ / "config.yaml").string()}, "");
    settings.add("server.host", host_, {.flag = "--host", .help = "Address"});
    settings.add(
        "server.port", port_,
        {.env = "NPU_TEST_PORT", .flag = "--port", .help = "Port", .min = 0, .max = 65535});
    settings.add("output.format", format_, {.help = "Format", .choices = {"numpy", "image"}});
    settings.add("output.normalize", normalize_, {.flag = "--normalize", .help = "Normalise"});
    settings.add("dirs", dirs_, {.flag = "--dirs", .help = "Folders"});
    settings.ignore("output.depth_png_16", "ask for it in the request");
    args.insert(args.begin(), "prog");
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const auto exit_code = settings.load(static_cast<int>(args.size()), args.data());
    out_ = ::testing::internal::GetCapturedStdout();
    err_ = ::testing::internal::GetCapturedStderr();
    return exit_code;
  }

  std::filesystem::path dir_;
  std::string host_ = "127.0.0.1";
  int port_ = 1;
  std::string format_ = "numpy";
  bool normalize_ = true;
  std::vector<std::string> dirs_ = {"/a"};
  std::string out_;
  std::string err_;
};

TEST_F(SettingsTest, Flags_win_over_environment_over_file_over_defaults) {
  write("server: {host: file, port: 2}\noutput: {normalize: false}\ndirs: [/x, /y]\n");
  ::setenv("NPU_TEST_PORT", "3", 1);
  EXPECT_EQ(load({}), std::nullopt) << err_;
  EXPECT_EQ(host_, "file");
  EXPECT_EQ(port_, 3);
  EXPECT_FALSE(normalize_);
  EXPECT_EQ(dirs_, (std::vector<std::string>{"/x", "/y"}));
  EXPECT_EQ(load({"--port", "4", "--dirs", "/b:/c"}), std::nullopt) << err_;
  EXPECT_EQ(port_, 4);
  EXPECT_EQ(dirs_, (std::vector<std::string>{"/b", "/c"}));
}

TEST_F(SettingsTest, A_value_out_of_range_or_of_the_wrong_kind_says_what_would_be_right) {
  EXPECT_EQ(load({"--port", "65536"}), 1);
  EXPECT_EQ(err_, "prog: --port: server.port must be a whole number in 0..65535, got 65536\n");
  write("output: {format: jpeg}\n");
  EXPECT_EQ(load({}), 1);
  EXPECT_NE(err_.find("output.format must be one of numpy, image, got jpeg"), std::string::npos)
      << err_;
  write("server: {port: [1]}\n");
  EXPECT_EQ(load({}), 1);
  EXPECT_NE(err_.find("server.port must be a single value"), std::string::npos) << err_;
}

TEST_F(SettingsTest, Unknown_and_idle_keys_are_reported_and_fail_a_check) {
  write("server: {prot: 5}\noutput: {depth_png_16: true}\n");
  EXPECT_EQ(load({}), std::nullopt);
  EXPECT_NE(err_.find("unknown key server.prot"), std::string::npos) << err_;
  EXPECT_NE(err_.find("output.depth_png_16 has no effect: ask for it in the request"),
            std::string::npos);
  EXPECT_EQ(load({"--check-config"}), 1);
  write("server: {port: 5}\n");
  EXPECT_EQ(load({"--check-config"}), 0) << err_;
}

TEST_F(SettingsTest, The_printed_configuration_is_a_file_that_gives_the_same_configuration) {
  EXPECT_EQ(load({"--host", "0.0.0.0", "--port", "77", "--normalize", "false", "--print-config"}),
            0);
  write(out_);
  host_.clear();
  port_ = 0;
  normalize_ = true;
  EXPECT_EQ(load({}), std::nullopt) << err_;
  EXPECT_EQ(err_, "");
  EXPECT_EQ(host_, "0.0.0.0");
  EXPECT_EQ(port_, 77);
  EXPECT_FALSE(normalize_);
}

TEST_F(SettingsTest, A_broken_file_or_a_named_one_that_is_missing_is_an_error) {
  write("server: {port: \n");
  EXPECT_EQ(load({}), 1);
  EXPECT_EQ(load({"--config", "/no/such/file.yaml"}), 1);
  EXPECT_EQ(err_, "prog: /no/such/file.yaml: cannot be read\n");
  write("- a list\n");
  EXPECT_EQ(load({}), 1);
}

TEST_F(SettingsTest, Help_names_the_file_key_and_the_environment_variable) {
  EXPECT_EQ(load({"--help"}), 0);
  EXPECT_NE(out_.find("file: server.port, env: NPU_TEST_PORT"), std::string::npos) << out_;
}

}  // namespace
}  // namespace npu
