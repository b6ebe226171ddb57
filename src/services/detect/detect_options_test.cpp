#include "services/detect/detect_options.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/url_text.hpp"

namespace npu::detect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Result<DetectOptions> read(const char* text) {
  const auto value = boost::json::parse(text);
  kit::Fields fields(value.get_object());
  DetectOptions options;
  if (auto ok = read_options(fields, kit::Labels::coco(), options); !ok) return fail(ok.error());
  return options;
}

TEST(DetectOptions, Classes_are_a_list_or_a_text) {
  EXPECT_THAT(read(R"({"classes": ["dog", "cat", "dog"]})")->classes, ElementsAre(15, 16));
  EXPECT_THAT(read(R"({"classes": "traffic light, person"})")->classes, ElementsAre(0, 9));
  EXPECT_THAT(read(R"({"classes": []})")->classes, IsEmpty());
  EXPECT_THAT(read(R"({"classes": ""})")->classes, IsEmpty());
  EXPECT_THAT(read(R"({"classes": null})")->classes, IsEmpty());
}

TEST(DetectOptions, What_is_no_class_is_the_clients_mistake) {
  for (const char* text : {R"({"classes": ["cat", "unicorn"]})", R"({"classes": "cat,unicorn"})"}) {
    const auto options = read(text);
    ASSERT_FALSE(options) << text;
    EXPECT_EQ(options.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(options.error().message, HasSubstr("\"unicorn\"")) << text;
  }
  for (const char* text : {R"({"classes": [3]})", R"({"classes": 3})", R"({"classes": {}})",
                           R"({"classes": "cat,,dog"})"}) {
    EXPECT_EQ(read(text).error().code, ErrorCode::kInvalidArgument) << text;
  }
}

TEST(DetectOptions, Numbers_have_their_ranges) {
  for (const char* text :
       {R"({"max_detections": 0})", R"({"max_detections": -1})", R"({"max_detections": 301})",
        R"({"max_detections": 1.5})", R"({"threshold": 1.01})", R"({"threshold": -0.1})",
        R"({"iou_threshold": 2})", R"({"threshold": "much"})", R"({"image_id": 0.5})",
        R"({"format": "yolo"})"}) {
    EXPECT_EQ(read(text).error().code, ErrorCode::kInvalidArgument) << text;
  }
  const auto options = read(R"({"max_detections": 300, "threshold": 0, "iou_threshold": 1,
                               "agnostic": true, "format": "coco", "image_id": 7})");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->max_detections, 300);
  EXPECT_EQ(options->threshold, 0);
  EXPECT_TRUE(options->agnostic);
  EXPECT_EQ(options->format, kit::ObjectFormat::kCoco);
  EXPECT_EQ(options->image_id, 7);
}

}  // namespace
}  // namespace npu::detect
