#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/hailort/test/adapter_test_support.hpp"

namespace npu::device::hailort {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class AdapterDevice : public AdapterTest {
 protected:
  Error open_error() {
    auto opened = try_open();
    return opened ? Error{ErrorCode::kOverloaded, "it was opened"} : opened.error();
  }
};

TEST_F(AdapterDevice, Says_which_device_it_is) {
  const DeviceInfo info = device().info();
  EXPECT_EQ(info.kind, "hailort");
  EXPECT_FALSE(info.id.empty());
  EXPECT_EQ(info.architecture, "HAILO10H");
  EXPECT_EQ(info.firmware, "5.2.0");
  EXPECT_GE(info.memory_bytes, 1000'000'000U);
  EXPECT_TRUE(info.group_release);
}

TEST_F(AdapterDevice, Reads_temperature_and_memory) {
  const Telemetry before = device().telemetry();
  EXPECT_NEAR(before.temperature_celsius.value(), 48.5, 0.01);
  EXPECT_EQ(before.memory_total_bytes.value() / 1024, device().info().memory_bytes / 1024);
  const auto model = load("plain", std::string(kPlain) + "size_mb: 100\n");
  EXPECT_NEAR(static_cast<double>(*device().memory_used(context_) - *before.memory_used_bytes),
              100e6, 4096);
}

TEST_F(AdapterDevice, Memory_is_the_same_where_a_version_counts_in_bytes) {
  environment("HAILO_FAKE_VERSION", "5.1.1");
  EXPECT_NEAR(static_cast<double>(device().info().memory_bytes), 2.09e9, 1e6);
  EXPECT_EQ(device().info().firmware, "5.1.1");
}

TEST_F(AdapterDevice, A_reading_that_hangs_holds_nobody_up) {
  const auto model = load("plain", kPlain);
  faults("op: telemetry, model: temperature, kind: no_reply, times: 0");
  EXPECT_FALSE(device().telemetry().temperature_celsius);
  Tensors tensors(*model);
  EXPECT_TRUE(model->run(tensors.inputs(), tensors.outputs(), context_));
}

TEST_F(AdapterDevice, Without_a_device_or_before_it_is_up_it_is_unavailable) {
  for (const char* fault :
       {"op: scan, kind: device_lost", "op: scan, kind: status, status: 36",
        "op: connect, kind: status, status: 89", "op: connect, kind: status, status: 2",
        "op: connect, kind: status, status: 3", "op: connect, kind: restart",
        "op: telemetry, model: identify, kind: status, status: 4"}) {
    faults(fault);
    const Error error = open_error();
    EXPECT_EQ(error.code, ErrorCode::kUnavailable) << fault << ": " << error.message;
  }
}

TEST_F(AdapterDevice, A_node_that_cannot_be_opened_is_named) {
  write("sys/class/hailo1x/h1x-0/uevent", "DEVNAME=h1x-0\n");
  faults("op: connect, model: device, kind: status, status: 36");
  const Error error = open_error();
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr("HAILO_DRIVER_OPERATION_FAILED (36)"));
  EXPECT_THAT(error.message, HasSubstr("its node /dev/h1x-0 is absent"));
}

// Its node has gone, and with it everything that this process has on it.
TEST_F(AdapterDevice, A_device_that_has_vanished_since_is_lost) {
  ASSERT_TRUE(device().alive());
  faults("op: connect, kind: status, status: 2, times: 0");
  const auto model = try_load("plain", kPlain);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kDeviceLost) << model.error().message;
  EXPECT_FALSE(device().alive());
}

TEST_F(AdapterDevice, One_that_only_cannot_be_opened_once_more_is_not_lost) {
  ASSERT_TRUE(device().alive());
  faults("op: connect, model: vdevice, kind: status, status: 36, times: 2");
  const auto model = try_load("plain", kPlain);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kUnavailable) << model.error().message;
  EXPECT_TRUE(device().alive());
}

TEST_F(AdapterDevice, A_version_mismatch_names_the_three_versions) {
  write("sys/module/hailo1x_pci/version", "5.1.1\n");
  for (const int status : {76, 86, 15, 16, 23, 78}) {
    faults("op: connect, kind: status, status: " + std::to_string(status));
    const Error error = open_error();
    EXPECT_EQ(error.code, ErrorCode::kVersionMismatch) << error.message;
    EXPECT_THAT(error.message, HasSubstr("driver 5.1.1, library 5.2.0, firmware unknown"));
  }
}

TEST_F(AdapterDevice, Firmware_of_another_minor_version_is_a_mismatch) {
  environment("HAILO_FAKE_FIRMWARE", "5.1.1");
  const Error error = open_error();
  EXPECT_EQ(error.code, ErrorCode::kVersionMismatch) << error.message;
  EXPECT_THAT(error.message, HasSubstr("library 5.2.0, firmware 5.1.1"));
}

TEST_F(AdapterDevice, A_group_that_somebody_else_has_is_busy_and_says_who) {
  write("sys/class/hailo1x/h1x-0/dev", "1000:7\n");
  write("proc/812/comm", "hailo-ollama\n");
  std::filesystem::create_directories(dir_.path("proc/812/fd"));
  std::filesystem::create_symlink("/dev/h1x-0", dir_.path("proc/812/fd/9"));
  auto other = try_open({.group_id = "OTHER"});
  ASSERT_TRUE(other) << other.error().message;
  const auto theirs = (*other)->load_tensor(hef("theirs", kPlain), {}, context_);
  ASSERT_TRUE(theirs) << theirs.error().message;
  const auto ours = try_load("plain", kPlain);
  ASSERT_FALSE(ours);
  EXPECT_EQ(ours.error().code, ErrorCode::kBusy);
  EXPECT_THAT(ours.error().message, HasSubstr("the device is open in hailo-ollama (812)"));
  EXPECT_THAT(ours.error().message, HasSubstr("group SHARED"));
}

TEST_F(AdapterDevice, Devices_of_one_group_share_the_chip) {
  auto other = try_open();
  ASSERT_TRUE(other);
  const auto theirs = (*other)->load_tensor(hef("theirs", kPlain), {}, context_);
  ASSERT_TRUE(theirs);
  EXPECT_TRUE(try_load("plain", kPlain));
}

TEST_F(AdapterDevice, Auto_takes_the_device_where_the_machine_has_one) {
  write("sys/bus/pci/devices/0001:01:00.0/vendor", "0x1e60\n");
  const auto opened = device::open_device("auto", {.adapter_dir = NPU_HAILORT_FAKE_DIR});
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ((*opened)->info().kind, "hailort");
}

TEST_F(AdapterDevice, Auto_goes_on_where_there_is_no_device_or_no_adapter) {
  const auto kind = [](const std::string& folder) -> std::string {
    const auto opened = device::open_device("auto", {.threads = 1, .adapter_dir = folder});
    return opened ? (*opened)->info().kind : "none";
  };
  EXPECT_NE(kind(NPU_HAILORT_FAKE_DIR), "hailort");
  write("sys/bus/pci/devices/0001:01:00.0/vendor", "0x1e60\n");
  EXPECT_NE(kind(dir_.path("no-adapters")), "hailort");
}

}  // namespace
}  // namespace npu::device::hailort
