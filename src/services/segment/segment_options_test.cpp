#include "services/segment/segment_options.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::segment {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<SegmentOptions> read(const char* text) {
  const auto value = boost::json::parse(text);
  kit::Fields fields(value.get_object());
  SegmentOptions options;
  if (auto ok = read_options(fields, kit::Labels::coco(), options); !ok) return fail(ok.error());
  return options;
}

TEST(SegmentOptions, Are_read_by_their_names) {
  const auto options = read(R"({"threshold": 0, "iou_threshold": 1, "max_detections": 300,
                               "agnostic": true, "classes": "dog, cat", "format": "coco",
                               "image_id": 7, "mask_format": "polygon", "polygon_tolerance": 2.5})");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->threshold, 0);
  EXPECT_EQ(options->iou_threshold, 1);
  EXPECT_EQ(options->max_detections, 300);
  EXPECT_TRUE(options->agnostic);
  EXPECT_THAT(options->classes, ElementsAre(15, 16));
  EXPECT_EQ(options->format, kit::ObjectFormat::kCoco);
  EXPECT_EQ(options->image_id, 7);
  EXPECT_EQ(options->mask_format, MaskFormat::kPolygon);
  EXPECT_EQ(options->polygon_tolerance, 2.5);
}

TEST(SegmentOptions, Out_of_their_ranges_are_the_clients_mistake) {
  for (const char* text :
       {R"({"max_detections": 0})", R"({"max_detections": -1})", R"({"max_detections": 301})",
        R"({"threshold": 1.01})", R"({"iou_threshold": -0.1})", R"({"polygon_tolerance": -1})",
        R"({"polygon_tolerance": 101})", R"({"polygon_tolerance": "nan"})",
        R"({"mask_format": "svg"})", R"({"classes": "unicorn"})"}) {
    EXPECT_EQ(read(text).error().code, ErrorCode::kInvalidArgument) << text;
  }
}

TEST(SegmentOptions, Results_of_coco_have_no_pictures) {
  const auto options = read(R"({"format": "coco", "mask_format": "png"})");
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(options.error().message, HasSubstr("one of rle, counts, polygon, none"));
}

}  // namespace
}  // namespace npu::segment
