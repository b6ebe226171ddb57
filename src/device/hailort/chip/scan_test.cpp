#include "device/hailort/chip/scan.hpp"

#include "device/hailort/test/adapter_test_support.hpp"

namespace npu::device::hailort {
namespace {

class ScanTest : public AdapterTest {
 protected:
  static boost::json::object only_device() {
    return scan_devices().at("devices").as_array().at(0).as_object();
  }
};

TEST_F(ScanTest, Texts_are_whole_whether_the_chip_tells_their_length_or_not) {
  const auto device = only_device();
  EXPECT_EQ(device.at("serial"), "HLFAKE0000000001");  // the chip does not
  EXPECT_EQ(device.at("board"), "Hailo-10H");
  EXPECT_EQ(device.at("part"), "HM21LB1C2LAE");
}

TEST_F(ScanTest, A_device_whose_node_is_the_matter_says_so) {
  write("sys/class/hailo1x/h1x-0/uevent", "DEVNAME=h1x-0\n");
  faults("op: connect, model: device, kind: status, status: 36");
  const auto error = only_device().at("error").as_object();
  EXPECT_EQ(error.at("status"), 36);
  EXPECT_EQ(error.at("code"), "unavailable");
  EXPECT_NE(error.at("message").as_string().find("/dev/h1x-0 is absent"), std::string::npos);
}

}  // namespace
}  // namespace npu::device::hailort
