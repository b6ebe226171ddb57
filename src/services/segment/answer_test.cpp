#include "services/segment/answer.hpp"

#include <stdexcept>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/image_decode.hpp"
#include "services/segment/segments_test_support.hpp"
#include "tensor/base64.hpp"

namespace npu::segment {
namespace {

namespace bj = boost::json;
using ::testing::HasSubstr;

class SegmentAnswer : public ::testing::Test {
 protected:
  std::unique_ptr<PictureSegments> segments(media::Size picture = {128, 64}) {
    auto found = PictureSegments::find(
        halves(), kit::place(picture, {64, 64}, kit::Fit::kLetterbox), {}, options_);
    if (!found) throw std::runtime_error(found.error().message);
    return std::move(*found);
  }

  bj::array answer() {
    const auto found = segments();
    AnswerText text(*found, labels_, options_, Millis(60'000));
    for (;;) {
      const auto more = text.add_some();
      EXPECT_TRUE(more);
      if (!more || !*more) break;
    }
    return bj::parse(std::move(text).take()).as_array();
  }

  kit::Labels labels_ = kit::Labels::coco();
  SegmentOptions options_;
};

TEST_F(SegmentAnswer, Has_runs_as_text_or_as_numbers) {
  EXPECT_EQ(answer()[0], bj::parse(R"({"label":"cat","confidence":0.9,
      "bbox":[32.0,0.0,64.0,64.0],"area":2048,
      "segmentation":{"size":[64,128],"counts":"PP2PP2PP4"}})"));
  options_.mask_format = MaskFormat::kCounts;
  EXPECT_EQ(answer()[1].at("segmentation"),
            bj::parse(R"({"size":[64,128],"counts":[4096,2048,2048]})"));
}

TEST_F(SegmentAnswer, Of_cocos_results_names_the_picture_and_the_category) {
  options_.format = kit::ObjectFormat::kCoco;
  options_.image_id = 42;
  EXPECT_EQ(answer()[0], bj::parse(R"({"image_id":42,"category_id":17,
      "bbox":[32.0,0.0,64.0,64.0],"score":0.9,
      "segmentation":{"size":[64,128],"counts":"PP2PP2PP4"}})"));
}

TEST_F(SegmentAnswer, Has_polygons) {
  options_.mask_format = MaskFormat::kPolygon;
  const auto polygons = answer()[0].at("segmentation");
  ASSERT_EQ(polygons.as_array().size(), 1U);
  const auto& points = polygons.at(0).as_array();
  ASSERT_EQ(points.size(), 8U);
  for (std::size_t i = 0; i < 8; i += 2) {
    EXPECT_TRUE(points[i] == 32 || points[i] == 64);
    EXPECT_TRUE(points[i + 1] == 0 || points[i + 1] == 64);
  }
}

TEST_F(SegmentAnswer, Has_a_picture_of_the_masks_bounds) {
  options_.mask_format = MaskFormat::kPng;
  const auto mask = answer()[1].at("segmentation");
  EXPECT_EQ(mask.at("bounds"), (bj::array{64, 0, 32, 64}));
  const std::string_view text = mask.at("png").as_string();
  std::vector<std::byte> bytes(*base64_decoded_size(text));
  ASSERT_TRUE(base64_decode(text, bytes));
  const auto image = media::decode_image(bytes, {.channels = 1});
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->width(), 32);
  EXPECT_EQ(image->height(), 64);
  EXPECT_THAT(image->pixels(), testing::Each(255));
}

TEST_F(SegmentAnswer, Without_masks_has_neither_them_nor_areas) {
  options_.mask_format = MaskFormat::kNone;
  EXPECT_EQ(answer()[0],
            bj::parse(R"({"label":"cat","confidence":0.9,"bbox":[32.0,0.0,64.0,64.0]})"));
}

TEST_F(SegmentAnswer, Of_nothing_is_an_empty_list) {
  options_.threshold = 0.95;
  EXPECT_EQ(answer(), bj::array{});
}

TEST_F(SegmentAnswer, That_takes_too_long_is_told_with_what_would_do) {
  options_.mask_format = MaskFormat::kPng;
  const auto found = segments({4000, 3000});
  AnswerText text(*found, labels_, options_, Millis(0));
  const auto more = text.add_some();
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kTooLarge);
  EXPECT_THAT(more.error().message, HasSubstr("the masks of 2 objects take more than 0 ms"));
}

}  // namespace
}  // namespace npu::segment
