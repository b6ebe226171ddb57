#include "device/hailort/hef/hef_description.hpp"

#include <gtest/gtest.h>

namespace npu::device::hailort {
namespace {

TEST(HefDescription, Post_processing_is_found_with_its_parameters) {
  const auto said = read_description(
      "HEF Compatible for: HAILO10H\n"
      "HEF Compiler Version: 5.2.0\n"
      "Network group name: net, Single Context\n"
      "    Network name: net/net\n"
      "        VStream infos:\n"
      "            Input  net/in UINT8, NHWC(640x640x3)\n"
      "            Operation:\n"
      "                Op YOLOV8\n"
      "                Name: YOLOV8-Post-Process\n"
      "                Score threshold: 0.200\n"
      "                Classes: 80\n"
      "                Op SOFTMAX\n"
      "                Name: last\n"
      "Network group name: other, Multi Context - Number of contexts: 3\n"
      "    Network name: other/other\n");
  EXPECT_EQ(said.at("compiler"), "5.2.0");
  const auto& operations = said.at("operations").as_array();
  ASSERT_EQ(operations.size(), 2U);
  EXPECT_EQ(operations[0], (boost::json::object{{"operation", "YOLOV8"},
                                                {"Name", "YOLOV8-Post-Process"},
                                                {"Score threshold", "0.200"},
                                                {"Classes", "80"}}));
  EXPECT_EQ(operations[1].at("Name"), "last");
}

TEST(HefDescription, Without_any_there_is_nothing) {
  for (const char* text : {"", "Network group name: net, Single Context\n", "Op X\nName: y\n"}) {
    const auto said = read_description(text);
    EXPECT_TRUE(said.at("compiler").is_null());
    EXPECT_TRUE(said.at("operations").as_array().empty());
  }
}

}  // namespace
}  // namespace npu::device::hailort
