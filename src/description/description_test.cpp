#include <gtest/gtest.h>

#include "description/description_json.hpp"

namespace npu {
namespace {

ModelDescription whole() {
  ModelDescription all{
      .family = "detect", .head = "yolox", .label_set = {}, .labels = {"cat", "dog"}, .input = {}};
  all.input = {.layout = PixelLayout::kNchw,
               .dtype = DType::kFloat16,
               .colour = PixelColour::kBgr,
               .fit = PictureFit::kCorner,
               .padding = 0,
               .width = 640,
               .height = 480,
               .step = 32,
               .max_side = 960,
               .channels = 3,
               .mean = InputDescription::Channels{1, 2, 3, 0},
               .std = InputDescription::Channels{4, 5, 6, 1}};
  return all;
}

TEST(ModelDescription, Is_read_as_it_was_written) {
  const auto json = to_json(whole());
  const auto read = description_from_json(json);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), json);
  EXPECT_EQ(
      boost::json::serialize(json),
      R"({"family":"detect","head":"yolox","labels":["cat","dog"],"input":{"layout":"nchw",)"
      R"("dtype":"float16","colour":"bgr","fit":"corner","padding":0,"width":640,)"
      R"("height":480,"step":32,"max_side":960,"channels":3,"mean":[1E0,2E0,3E0,0E0],"std":[4E0,5E0,6E0,1E0]}})");
  EXPECT_TRUE(to_json(ModelDescription()).empty());
}

TEST(ModelDescription, What_is_not_said_is_taken_from_another_and_nothing_else) {
  ModelDescription user;
  user.head = "dfl";
  user.label_set = "coco80";
  user.input.width = 320;
  user.complete_from(whole());
  EXPECT_EQ(user.head, "dfl");
  EXPECT_EQ(user.family, "detect");
  EXPECT_EQ(user.label_set, "coco80");
  EXPECT_TRUE(user.labels.empty()) << "names of another set of classes";
  EXPECT_EQ(user.input.width, 320);
  EXPECT_EQ(user.input.height, 480);
  EXPECT_EQ(user.input.colour, PixelColour::kBgr);
}

TEST(ModelDescription, Names_what_is_wrong) {
  for (const auto& [text, message] : {
           std::pair(R"({"head": 1})", "head must be "),
           std::pair(R"({"labels": 1})", "labels must be a set's name or a list"),
           std::pair(R"({"labels": ["a", 1]})", "labels must be texts"),
           std::pair(R"({"input": {"layout": "chw"}})", "input.layout must be one of nhwc, nchw"),
           std::pair(R"({"input": {"dtype": "real"}})", "input.dtype must be the name of a type"),
           std::pair(R"({"input": {"width": 0}})",
                     "input.width must be a whole number in 1..16384"),
           std::pair(R"({"input": {"mean": [1]}})", "input.mean must be a list of 4 numbers"),
           std::pair(R"({"input": {"std": [1, 1, 0, 1]}})", "input.std must be a list of 4"),
       }) {
    const auto read = description_from_json(boost::json::parse(text).get_object());
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kMalformed);
    EXPECT_EQ(read.error().message.find(message), 0U) << read.error().message;
  }
}

}  // namespace
}  // namespace npu
