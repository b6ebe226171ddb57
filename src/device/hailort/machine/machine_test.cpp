#include "device/hailort/machine/machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/hailort/machine/machine_test_support.hpp"

namespace npu::device::hailort {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

using Machine = MachineFixture;

TEST_F(Machine, Finds_the_PCI_devices_of_the_vendor) {
  write("sys/bus/pci/devices/0000:00:02.0/vendor", "0x8086\n");
  write("sys/bus/pci/devices/0001:01:00.0/vendor", "0x1e60\n");
  write("sys/bus/pci/devices/0001:01:00.0/device", "0x45c4\n");
  link("sys/bus/pci/devices/0001:01:00.0/driver", "../../../bus/pci/drivers/hailo1x");
  const auto found = pci_devices(roots());
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].address, "0001:01:00.0");
  EXPECT_EQ(found[0].device, "0x45c4");
  EXPECT_EQ(found[0].driver, "hailo1x");
  EXPECT_TRUE(has_hardware(roots()));
}

TEST_F(Machine, A_device_without_a_driver_says_so) {
  write("sys/bus/pci/devices/0001:01:00.0/vendor", "0x1e60\n");
  EXPECT_EQ(pci_devices(roots()).at(0).driver, "");
}

TEST_F(Machine, Finds_device_nodes_under_the_names_of_every_version) {
  write("sys/class/hailo_chardev/hailo0/dev", "236:0\n");
  write("sys/class/hailo1x/h1x-0/dev", "237:1\n");
  write("sys/class/hailo1x/h1x-0/uevent", "MAJOR=237\nMINOR=1\nDEVNAME=h1x-0\n");
  write("sys/class/net/eth0/dev", "1:1\n");
  const auto nodes = device_nodes(roots());
  EXPECT_THAT(nodes, ElementsAre(Field(&DeviceNode::path, "/dev/h1x-0"),
                                 Field(&DeviceNode::path, "/dev/hailo0")));
  EXPECT_TRUE(nodes.at(0).number);
  EXPECT_TRUE(has_hardware(roots()));
}

TEST_F(Machine, Without_any_of_it_there_is_nothing) {
  EXPECT_THAT(pci_devices(roots()), IsEmpty());
  EXPECT_THAT(device_nodes(roots()), IsEmpty());
  EXPECT_THAT(drivers(roots()), IsEmpty());
  EXPECT_FALSE(has_hardware(roots()));
  EXPECT_EQ(driver_version(roots()), "unknown");
}

TEST_F(Machine, The_version_of_the_driver_is_that_of_its_module) {
  write("sys/module/hailo1x_pci/version", "5.2.0\n");
  write("sys/module/nvme/version", "1.0\n");
  EXPECT_EQ(driver_version(roots()), "5.2.0");
  write("sys/module/hailo_pci/version", "4.23.0\n");
  EXPECT_EQ(driver_version(roots()), "5.2.0 (hailo1x_pci), 4.23.0 (hailo_pci)");
}

}  // namespace
}  // namespace npu::device::hailort
