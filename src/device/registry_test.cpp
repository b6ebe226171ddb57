#include "device/registry.hpp"

#include <gtest/gtest.h>

namespace npu::device {
namespace {

TEST(DeviceRegistry, Opens_a_simulated_device_by_name) {
  auto device = open_device("sim", {.sim_profile = "null"});
  ASSERT_TRUE(device) << device.error().message;
  EXPECT_EQ((*device)->info().id, "sim:null");
}

TEST(DeviceRegistry, A_device_that_is_not_built_in_is_refused_with_what_there_is) {
  const auto device = open_device("tpu", {});
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(device.error().message.rfind("this build has no device 'tpu'; it has: hailort, ", 0),
            0U);
}

TEST(DeviceRegistry, Auto_never_takes_the_simulated_device) {
  const auto device = open_device("auto", {.threads = 1});
  if (device) {
    EXPECT_NE((*device)->info().kind, "sim");
  } else {
    EXPECT_EQ(device.error().code, ErrorCode::kUnavailable);
  }
}

TEST(DeviceRegistry, A_wrong_profile_is_an_error_that_names_it) {
  const auto device = open_device("sim", {.sim_profile = "/nowhere/p.yaml"});
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace npu::device
