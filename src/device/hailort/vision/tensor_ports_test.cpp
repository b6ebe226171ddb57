#include "device/hailort/vision/tensor_ports.hpp"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "device/hailort/chip/chip.hpp"
#include "device/hailort/hef/hef_source.hpp"
#include "device/hailort/test/adapter_test_support.hpp"

namespace npu::device::hailort {
namespace {

class TensorPortsTest : public AdapterTest {
 protected:
  // How the only output travels, with these notes on it.
  Port output(const std::string& notes) {
    auto chip = Chip::open({}).value();
    source_ =
        HefSource::open(hef("plain", kPlain + ("hef: {outputs: {plain/out: {" + notes + "}}}\n")))
            .value();
    EXPECT_TRUE(source_->parse(chip->identity()));
    const auto connection = chip->vision_connection().value();
    const auto model = source_->create_model(connection->vdevice(), "").release();
    return choose_ports(*model, {}).value().outputs.at(0);
  }

  std::optional<HefSource> source_;
};

TEST_F(TensorPortsTest,
       An_output_travels_as_the_chip_has_it_with_one_scale_or_one_for_each_feature) {
  for (const char* scales :
       {"scale: 0.5, zero_point: 1", "scales: [0.5, 2], zero_points: [1, 3]"}) {
    const Port port = output(std::string("type: uint8, ") + scales);
    EXPECT_EQ(port.conversion, Conversion::kQuantised) << scales;
    EXPECT_EQ(port.wire_type, DType::kUint8) << scales;
    EXPECT_EQ(port.wire_bytes, 4U * 4U * 2U) << scales;
  }
}

TEST_F(TensorPortsTest, Scales_that_are_all_the_same_are_one) {
  const Port port = output("type: uint8, scales: [0.5, 0.5], zero_points: [1, 1]");
  EXPECT_EQ(port.quantisation.features, (std::vector<Quantisation>{{0.5F, 1}}));
}

TEST_F(TensorPortsTest, The_order_tells_which_elements_are_of_one_feature) {
  const std::string scales = "scales: [0.5, 2], zero_points: [1, 3]";
  EXPECT_EQ(output("order: NHWC, " + scales).quantisation.run, 1U);
  EXPECT_EQ(output("order: NHCW, " + scales).quantisation.run, 4U);
  const Port planes = output("order: NCHW, " + scales);
  EXPECT_EQ(planes.quantisation.run, 16U);
  EXPECT_EQ(planes.quantisation.features, (std::vector<Quantisation>{{0.5F, 1}, {2, 3}}));
}

TEST_F(TensorPortsTest, Where_a_scale_is_none_the_chip_makes_the_numbers) {
  for (const char* scales : {"scale: 0", "scales: [0.5, 0], zero_points: [1, 0]"}) {
    const Port port = output(scales);
    EXPECT_EQ(port.conversion, Conversion::kNone) << scales;
    EXPECT_EQ(port.wire_type, DType::kFloat32) << scales;
  }
}

}  // namespace
}  // namespace npu::device::hailort
