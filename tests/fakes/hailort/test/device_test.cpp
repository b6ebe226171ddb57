// What the chip says of itself.
#include "hailort_fake_test_support.hpp"

namespace npu::fakes {
namespace {

using hailort::Device;

class FakeDevice : public FakeBench {};

TEST_F(FakeDevice, Is_found_and_says_who_it_is) {
  const auto ids = Device::scan();
  ASSERT_TRUE(ids);
  ASSERT_EQ(ids->size(), 1U);
  auto device = Device::create(ids->front());
  ASSERT_TRUE(device);
  const auto identity = device.value()->identify();
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->device_architecture, HAILO_ARCH_HAILO10H);
  EXPECT_EQ(identity->fw_version.minor, 2U);
  EXPECT_EQ(std::string(identity->board_name, identity->board_name_length), "Hailo-10H");
  EXPECT_EQ(Device::create("elsewhere").status(), HAILO_INVALID_ARGUMENT);
}

TEST_F(FakeDevice, Has_readings) {
  auto device = Device::create().release();
  const auto temperature = device->get_chip_temperature();
  ASSERT_TRUE(temperature);
  EXPECT_EQ(temperature->ts0_temperature, 48.5F);
  EXPECT_EQ(device->query_health_stats()->bist_failure_mask, 0);
  const auto mine = vdevice();
  const auto before = device->query_performance_stats();
  ASSERT_TRUE(before);
  (void)configured(*mine, model("heavy"));
  const auto after = device->query_performance_stats();
  EXPECT_EQ(after->ram_size_used - before->ram_size_used, 600'000'000 / 1024);
}

TEST_F(FakeDevice, Counts_memory_in_bytes_in_5_1) {
  set("HAILO_FAKE_VERSION", "5.1.1");
  const auto stats = Device::create().release()->query_performance_stats();
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->ram_size_total, 1'000'000'000 + 1'090'000'000);
  hailo_version_t version{};
  hailo_get_library_version(&version);
  EXPECT_EQ(version.minor, 1U);
}

TEST_F(FakeDevice, May_have_another_firmware_than_the_library) {
  set("HAILO_FAKE_FIRMWARE", "5.1.1");
  const auto identity = Device::create().release()->identify();
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->fw_version.minor, 1U);
  hailo_version_t version{};
  hailo_get_library_version(&version);
  EXPECT_EQ(version.minor, 2U);
}

TEST_F(FakeDevice, Is_rebooted_on_order) {
  const auto mine = vdevice();
  auto device = Device::create().release();
  EXPECT_EQ(device->reset(HAILO_RESET_DEVICE_MODE_CHIP), HAILO_NOT_IMPLEMENTED);
  EXPECT_EQ(device->reset(HAILO_RESET_DEVICE_MODE_REBOOT), HAILO_SUCCESS);
  EXPECT_EQ(device->identify().status(), HAILO_COMMUNICATION_CLOSED);
  EXPECT_EQ(configure_status(*mine, model("camera")), HAILO_COMMUNICATION_CLOSED);
}

TEST_F(FakeDevice, Another_environment_is_another_chip) {
  const auto mine = vdevice("MINE");
  EXPECT_EQ(vdevice_status("OTHER"), HAILO_OUT_OF_PHYSICAL_DEVICES);
  set("HAILO_SIM_STATE", folder.path("other chip"));
  EXPECT_EQ(vdevice_status("OTHER"), HAILO_SUCCESS);
  EXPECT_EQ(configure_status(*mine, model("camera")), HAILO_SUCCESS);
}

TEST_F(FakeDevice, Needs_no_group) {
  const auto mine = vdevice("MINE");
  Peer peer;
  EXPECT_EQ(peer.say("temperature"), "0");
}

TEST_F(FakeDevice, Statuses_have_messages) {
  EXPECT_STREQ(hailo_get_status_message(HAILO_TIMEOUT), "HAILO_TIMEOUT");
  EXPECT_EQ(hailo_get_status_message(static_cast<hailo_status>(1234)), nullptr);
}

}  // namespace
}  // namespace npu::fakes
