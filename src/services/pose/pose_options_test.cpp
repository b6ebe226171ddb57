#include "services/pose/pose_options.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::pose {
namespace {

using ::testing::HasSubstr;

Result<PoseOptions> read(const std::string& text) {
  const auto value = boost::json::parse(text);
  kit::Fields fields(value.get_object());
  PoseOptions options;
  if (auto ok = read_options(fields, options); !ok) return fail(ok.error());
  return options;
}

TEST(PoseOptions, Are_those_of_the_python_project_unless_told) {
  const auto options = read(R"({"confidence_threshold": null, "fit": "crop"})");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->confidence_threshold, 0.5);
  EXPECT_EQ(options->iou_threshold, 0.45);
  EXPECT_EQ(options->max_detections, 10);
  EXPECT_EQ(options->keypoint_threshold, 0.3);
}

TEST(PoseOptions, May_be_numbers_and_texts_that_are_some) {
  const auto options = read(R"({"confidence_threshold": "0.25", "iou_threshold": 1,
                               "max_detections": "300", "keypoint_threshold": 0})");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->confidence_threshold, 0.25);
  EXPECT_EQ(options->iou_threshold, 1);
  EXPECT_EQ(options->max_detections, 300);
  EXPECT_EQ(options->keypoint_threshold, 0);
}

TEST(PoseOptions, Out_of_range_are_the_clients_mistake) {
  for (const char* count : {"0", "-5", "301", "1.5", "\"many\"", "[]", "true"}) {
    const auto options = read(std::string(R"({"max_detections": )") + count + "}");
    ASSERT_FALSE(options) << count;
    EXPECT_EQ(options.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(options.error().message,
                HasSubstr("max_detections must be a whole number in 1..300"));
  }
  for (const char* name : {"confidence_threshold", "iou_threshold", "keypoint_threshold"}) {
    for (const char* value : {"-0.01", "1.5", "\"much\"", "\"nan\"", "{}"}) {
      const auto options = read("{\"" + std::string(name) + "\": " + value + "}");
      ASSERT_FALSE(options) << name << " " << value;
      EXPECT_EQ(options.error().code, ErrorCode::kInvalidArgument);
      EXPECT_THAT(options.error().message, HasSubstr(std::string(name) + " must be a number"));
    }
  }
}

}  // namespace
}  // namespace npu::pose
