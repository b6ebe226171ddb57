#include "base/settings.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <tuple>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

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
    for (const char* name : kVariables) ::unsetenv(name);
    std::filesystem::remove_all(dir_);
  }

  std::string write(const std::string& text) {
    const std::string path = dir_ / "config.yaml";
    std::ofstream(path) << text;
    return path;
  }

  static constexpr const char* kVariables[] = {
      "NPU_TEST_HOST",  "NPU_TEST_PORT",      "NPU_TEST_BYTES", "NPU_TEST_SHARE",
      "NPU_TEST_LEVEL", "NPU_TEST_NORMALIZE", "NPU_TEST_DIRS",  "NPU_TEST_BIND"};

  std::optional<int> load(std::vector<const char*> args) {
    Settings settings("prog", "A program.");
    settings.config_file({(dir_ / "config.yaml").string()}, "");
    settings.add("server.host", host_,
                 {.env = "NPU_TEST_HOST", .flag = "--host", .help = "Address"});
    settings.add(
        "server.port", port_,
        {.env = "NPU_TEST_PORT", .flag = "--port", .help = "Port", .min = 0, .max = 65535});
    settings.add("server.bytes", bytes_,
                 {.env = "NPU_TEST_BYTES", .help = "Bytes", .min = 16, .max = 1 << 20});
    settings.add("server.share", share_,
                 {.env = "NPU_TEST_SHARE", .help = "Share", .min = 0, .max = 1});
    settings.add("server.bind", bind_,
                 {.env = "NPU_TEST_BIND", .help = "Address, or none", .empty_counts = true});
    settings.add("server.level", level_,
                 {.env = "NPU_TEST_LEVEL", .help = "Level", .check = [](const std::string& text) {
                    return text == "info" ? Status{}
                                          : fail(ErrorCode::kInvalidArgument, "no such level");
                  }});
    settings.add("output.format", format_, {.help = "Format", .choices = {"numpy", "image"}});
    settings.add("output.normalize", normalize_,
                 {.env = "NPU_TEST_NORMALIZE", .flag = "--normalize", .help = "Normalise"});
    settings.add("dirs", dirs_, {.env = "NPU_TEST_DIRS", .flag = "--dirs", .help = "Folders"});
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
  std::uint64_t bytes_ = 4096;
  double share_ = 0.5;
  std::string bind_ = "lo";
  std::string level_ = "info";
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

TEST_F(SettingsTest, A_wrong_variable_is_warned_of_and_what_was_before_it_stays) {
  write("server: {port: 7}\n");
  const std::tuple<const char*, const char*, const char*> kWrong[] = {
      {"NPU_TEST_PORT", "",
       "server.port must be a whole number in 0..65535, got nothing; it stays 7"},
      {"NPU_TEST_PORT", "http", "got http; it stays 7"},
      {"NPU_TEST_PORT", "65536", "got 65536; it stays 7"},
      {"NPU_TEST_BYTES", "-1", "got -1; it stays 4096"},
      {"NPU_TEST_BYTES", "8 MiB", "got 8 MiB; it stays 4096"},
      {"NPU_TEST_BYTES", "99999999999999999999", "it stays 4096"},
      {"NPU_TEST_SHARE", "nan", "got nan; it stays 0.5"},
      {"NPU_TEST_SHARE", "", "server.share must be a number in 0..1, got nothing; it stays 0.5"},
      {"NPU_TEST_LEVEL", "loud", "server.level: no such level; it stays \"info\""},
      {"NPU_TEST_NORMALIZE", "perhaps", "true or false, got perhaps; it stays true"},
      {"NPU_TEST_NORMALIZE", "", "true or false, got nothing; it stays true"},
  };
  for (const auto& [name, text, warning] : kWrong) {
    ::setenv(name, text, 1);
    EXPECT_EQ(load({}), std::nullopt) << name << "=" << text;
    EXPECT_NE(err_.find(fmt::format("prog: {} is ignored: ", name)), std::string::npos) << err_;
    EXPECT_NE(err_.find(warning), std::string::npos) << err_;
    EXPECT_EQ(load({"--check-config"}), 1) << name << "=" << text;
    ::unsetenv(name);
  }
  EXPECT_EQ(port_, 7);
  EXPECT_EQ(bytes_, 4096U);
  EXPECT_EQ(share_, 0.5);
  EXPECT_TRUE(normalize_);
}

TEST_F(SettingsTest, An_empty_variable_is_one_that_is_not_set_unless_that_means_something) {
  for (const char* name : {"NPU_TEST_HOST", "NPU_TEST_DIRS", "NPU_TEST_BIND"}) {
    ::setenv(name, "", 1);
  }
  EXPECT_EQ(load({}), std::nullopt);
  EXPECT_EQ(err_, "");
  EXPECT_EQ(host_, "127.0.0.1");
  EXPECT_EQ(dirs_, std::vector<std::string>{"/a"});
  EXPECT_EQ(bind_, "");
}

TEST_F(SettingsTest, Whole_numbers_may_be_hexadecimal_and_words_in_capitals) {
  ::setenv("NPU_TEST_BYTES", " 0x4000\n", 1);
  ::setenv("NPU_TEST_PORT", "0X1F90", 1);
  ::setenv("NPU_TEST_NORMALIZE", "False", 1);
  EXPECT_EQ(load({}), std::nullopt) << err_;
  EXPECT_EQ(bytes_, 0x4000U);
  EXPECT_EQ(port_, 8080);
  EXPECT_FALSE(normalize_);
  for (const char* wrong : {"0x", "0xg", "0x12 34"}) {
    EXPECT_EQ(load({"--port", wrong}), 1) << wrong;
  }
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

TEST_F(SettingsTest, A_key_that_is_added_later_is_printed_with_its_section) {
  Settings settings("prog", "A program.");
  int port = 1;
  int other = 2;
  int late = 3;
  settings.add("server.port", port, {});
  settings.add("other.key", other, {});
  settings.add("server.late", late, {});
  const std::array<const char*, 2> argv{"prog", "--print-config"};
  testing::internal::CaptureStdout();
  EXPECT_EQ(settings.load(2, argv.data()), 0);
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "server:\n  port: 1\n  late: 3\nother:\n  key: 2\n");
}

TEST_F(SettingsTest, A_sample_has_every_key_commented_and_its_default) {
  Settings settings("prog", "A program.\n\n  prog FILE  does this");
  int port = 80;
  std::string host = "here";
  std::vector<std::string> dirs{"/a", "/b"};
  int late = 3;
  settings.add("server.port", port, {.flag = "--port", .help = "TCP port", .min = 0, .max = 99});
  settings.add("server.host", host,
               {.env = "PROG_HOST", .help = "Address", .choices = {"here", "there"}});
  settings.add("models.dirs", dirs, {.help = "Folders"});
  settings.add("late", late, {.help = "Seconds"});
  const std::array<const char*, 4> argv{"prog", "--sample-config", "--port", "7"};
  testing::internal::CaptureStdout();
  EXPECT_EQ(settings.load(4, argv.data()), 0);
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "# prog: A program.\n"
            "# Every key with its default. A key counts once the # before it is gone.\n"
            "\n"
            "server:\n"
            "  # TCP port (a number in 0..99; --port)\n"
            "  #port: 80\n"
            "  # Address (here, there; PROG_HOST)\n"
            "  #host: \"here\"\n"
            "\n"
            "models:\n"
            "  # Folders\n"
            "  #dirs: [/a, /b]\n"
            "\n"
            "# Seconds\n"
            "#late: 3\n");
}

TEST_F(SettingsTest, A_sample_is_a_file_as_it_is_and_without_its_comments) {
  ASSERT_EQ(load({"--sample-config"}), 0);
  std::string sample = out_;
  write(sample);
  EXPECT_EQ(load({"--check-config"}), 0) << err_;
  std::string uncommented;
  std::istringstream lines(sample);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t mark = line.find('#');
    const bool key = mark != std::string::npos && line.compare(mark, 2, "# ") != 0;
    uncommented += (key ? line.erase(mark, 1) : line) + "\n";
  }
  write(uncommented);
  EXPECT_EQ(load({"--check-config"}), 0) << err_;
  ASSERT_EQ(load({"--print-config"}), 0);
  EXPECT_NE(out_.find("port: "), std::string::npos);
}

TEST(SettingsVariable, Begins_with_the_programs_name) {
  EXPECT_EQ(Settings("hailo-depth", "").variable("PORT"), "HAILO_DEPTH_PORT");
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

// What is known of a key, by name.
std::map<std::string, std::string> about(const std::string& described, const std::string& key) {
  std::map<std::string, std::string> out;
  for (const auto& one : YAML::Load(described)) {
    if (one["key"].as<std::string>() != key) continue;
    for (const auto& field : one) {
      if (field.second.IsScalar()) out[field.first.as<std::string>()] = field.second.Scalar();
    }
  }
  return out;
}

TEST_F(SettingsTest, A_description_says_where_each_value_is_from) {
  const std::string file = write("server: {port: 81, share: 0.25, host: ~}\n");
  ::setenv("NPU_TEST_BYTES", "64", 1);
  ::setenv("NPU_TEST_SHARE", "much", 1);  // no value, so the file's stays
  ASSERT_EQ(load({"--describe-config", "--host", "h: \"x\""}), 0);
  const auto port = about(out_, "server.port");
  EXPECT_EQ(port.at("value"), "81");
  EXPECT_EQ(port.at("default"), "1");
  EXPECT_EQ(port.at("from"), "file");
  EXPECT_EQ(port.at("where"), file);
  EXPECT_EQ(port.at("env"), "NPU_TEST_PORT");
  EXPECT_EQ(port.at("flag"), "--port");
  EXPECT_EQ(port.at("right"), "a number in 0..65535");
  EXPECT_EQ(port.at("help"), "Port");
  EXPECT_EQ(about(out_, "server.share").at("from"), "file");
  EXPECT_EQ(about(out_, "server.bytes").at("from"), "environment");
  EXPECT_EQ(about(out_, "server.bytes").at("where"), "NPU_TEST_BYTES");
  EXPECT_EQ(about(out_, "server.host").at("value"), "h: \"x\"");
  EXPECT_EQ(about(out_, "server.host").at("from"), "flag");
  EXPECT_EQ(about(out_, "output.format").at("from"), "default");
}

}  // namespace
}  // namespace npu
