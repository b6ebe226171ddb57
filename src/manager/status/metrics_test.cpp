#include "manager/status/metrics.hpp"

#include <gtest/gtest.h>

#include "manager/status/readings.hpp"

namespace npu::manager {
namespace {

using namespace std::chrono_literals;

bool has(const std::string& page, std::string_view text) { return page.find(text) != page.npos; }

TEST(Metrics, Readings_that_are_not_there_are_not_shown) {
  Metrics metrics;
  const device::Telemetry hot{
      .temperature_celsius = 71.5, .memory_used_bytes = 5, .utilisation = 1};
  const std::string with = metrics.expose({.telemetry = hot});
  EXPECT_TRUE(has(with, "hailo_device_temperature_celsius 71.5"));
  EXPECT_TRUE(has(with, R"(hailo_device_memory_bytes{kind="used"} 5)"));
  EXPECT_TRUE(has(with, "hailo_device_utilization_ratio 1"));
  const std::string without = metrics.expose({});
  EXPECT_FALSE(has(without, "\nhailo_device_temperature_celsius "));
  EXPECT_FALSE(has(without, R"(kind="used")"));
  EXPECT_FALSE(has(without, "\nhailo_device_utilization_ratio "));
}

TEST(Metrics, A_device_is_up_while_there_is_one_and_nothing_is_wrong_with_it) {
  Metrics metrics;
  EXPECT_TRUE(has(metrics.expose({}), "\nhailo_device_up 0"));
  const device::DeviceInfo cpu{.kind = "onnx", .id = "cpu", .architecture = "cpu"};
  EXPECT_TRUE(has(metrics.expose({.device = cpu}), "\nhailo_device_up 1"));
  Metrics::Now stuck{.device = cpu};
  stuck.snapshot.broken_reason = "pid 7 does not end although it was killed";
  stuck.snapshot.refused.resize(2);
  const std::string page = metrics.expose(stuck);
  EXPECT_TRUE(has(page, "\nhailo_device_up 0")) << page;
  EXPECT_TRUE(has(page, "\nhailo_models_refused 2")) << page;
}

TEST(Readings, They_are_those_of_a_device_that_is_there_and_not_of_long_ago) {
  Readings readings;
  SteadyTime now{};
  EXPECT_FALSE(readings.at(now));
  readings.read({.temperature_celsius = 40}, now);
  EXPECT_TRUE(readings.at(now + Readings::kCurrent));
  EXPECT_FALSE(readings.at(now + Readings::kCurrent + 1ns));
  readings.device_lost();
  EXPECT_FALSE(readings.at(now));
}

}  // namespace
}  // namespace npu::manager
