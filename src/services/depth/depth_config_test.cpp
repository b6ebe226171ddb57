#include "services/depth/depth_config.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/settings.hpp"
#include "services/kit/app.hpp"

namespace npu::depth {
namespace {

// Reads a file with this text as the configuration; the exit code, if there was one.
std::optional<int> load(DepthConfig& config, http::HostConfig& host, const std::string& text,
                        bool check = false) {
  const auto path = std::filesystem::path(::testing::TempDir()) /
                    ("depth_config_" + std::to_string(::getpid()) + ".yaml");
  std::ofstream(path) << text;
  const std::string name = path.string();
  Settings settings("hailo-depth", "test");
  kit::add_app_settings(settings, host);
  add_depth_settings(settings, config);
  const std::array<const char*, 4> argv{"hailo-depth", "--config", name.c_str(), "--check-config"};
  const auto code = settings.load(check ? 4 : 3, argv.data());
  std::filesystem::remove(path);
  return code;
}

TEST(DepthConfig, The_reference_keys_are_understood) {
  DepthConfig config;
  http::HostConfig host{.port = kPort};
  EXPECT_FALSE(load(config, host, R"(
server: {host: 0.0.0.0, port: 11440}
model: {name: fast_depth, type: stereo, keep_alive: 60}
output: {format: numpy, colormap: jet, normalize: false, include_stats: false, depth_png_16: false}
input: {allow_local_paths: false, allow_image_url: true, max_image_mb: 10}
resources: {model_dir: /models, postprocess_dir: /x}
resource_limits: {memory_max: 3G, cpu_quota: 80%}
)"));
  EXPECT_EQ(host.host, "0.0.0.0");
  EXPECT_EQ(host.port, 11440);
  EXPECT_EQ(path_of(config.model), "/models/fast_depth.hef");
  EXPECT_EQ(config.format, "numpy");
  EXPECT_FALSE(config.normalize);
  EXPECT_TRUE(config.pictures.allow_image_url);
  EXPECT_EQ(config.pictures.max_image_mb, 10);
}

TEST(DepthConfig, The_defaults_are_closed) {
  DepthConfig config;
  http::HostConfig host{.port = kPort};
  EXPECT_FALSE(load(config, host, "{}"));
  EXPECT_EQ(host.host, "127.0.0.1");
  EXPECT_EQ(host.port, 11439);
  EXPECT_FALSE(config.pictures.allow_image_url);
  EXPECT_EQ(path_of(config.model), "/var/lib/hailo-depth/resources/models/scdepthv3.hef");
}

TEST(DepthConfig, A_wrong_or_empty_variable_leaves_what_the_file_says) {
  const std::pair<const char*, const char*> kOdd[] = {
      {"HAILO_DEPTH_HOST", ""},          {"HAILO_DEPTH_PORT", ""},
      {"HAILO_DEPTH_THREADS", "0x"},     {"HAILO_DEPTH_MAX_IMAGE_MB", "big"},
      {"HAILO_DEPTH_MODEL", ""},         {"HAILO_DEPTH_MODEL_DIR", ""},
      {"HAILO_DEPTH_LOG_LEVEL", ""},     {"HAILO_DEPTH_ALLOW_IMAGE_URL", "perhaps"},
      {"HAILO_DEPTH_OUTPUT_FORMAT", ""}, {"HAILO_DEPTH_REQUEST_TIMEOUT_MS", "-1"}};
  for (const auto& [name, value] : kOdd) ::setenv(name, value, 1);
  DepthConfig config;
  http::HostConfig host{.port = kPort};
  testing::internal::CaptureStderr();
  EXPECT_FALSE(load(config, host, "server: {port: 7}\nmodel: {name: fast_depth}\n"));
  const std::string warnings = testing::internal::GetCapturedStderr();
  for (const auto& [name, value] : kOdd) ::unsetenv(name);
  EXPECT_NE(warnings.find("HAILO_DEPTH_PORT is ignored"), std::string::npos) << warnings;
  EXPECT_EQ(host.port, 7);
  EXPECT_EQ(host.host, "127.0.0.1");
  EXPECT_EQ(host.request_timeout_ms, http::HostConfig().request_timeout_ms);
  EXPECT_EQ(config.pictures.max_image_mb, DepthConfig().pictures.max_image_mb);
  EXPECT_EQ(config.format, "both");
  EXPECT_EQ(path_of(config.model), "/var/lib/hailo-depth/resources/models/fast_depth.hef");
}

TEST(DepthConfig, The_legacy_json_file_is_read_too) {
  DepthConfig config;
  http::HostConfig host{.port = kPort};
  EXPECT_FALSE(
      load(config, host,
           R"({"server": {"host": "0.0.0.0", "port": 11436}, "output": {"format": "image"}})"));
  EXPECT_EQ(host.port, 11436);
  EXPECT_EQ(config.format, "image");
}

TEST(DepthConfig, Wrong_values_are_mistakes) {
  for (const char* text :
       {"output: {format: png}", "output: {colormap: hot}", "server: {port: 70000}",
        "input: {max_image_mb: 0}", "output: {representation: far}", "model: {type: trinocular}"}) {
    DepthConfig config;
    http::HostConfig host{.port = kPort};
    EXPECT_EQ(load(config, host, text, true), 1) << text;
  }
}

}  // namespace
}  // namespace npu::depth
