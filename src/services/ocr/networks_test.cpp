#include "services/ocr/networks.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::ocr {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

LoadedModel reply(const std::string& info) {
  return LoadedModel::from(
      boost::json::parse(R"({"message":"Model loaded","model_info":)" + info + "}").as_object());
}

std::string recogniser(int classes, const std::string& more = "") {
  return R"({"input_shape":[48,320,3],"outputs":[{"name":"o","shape":[40,)" +
         std::to_string(classes) + "]}]" + more + "}";
}

std::string networks(const std::string& recognition, const std::string& more = "") {
  return R"({"detection_input_shape":[544,960,3],"recognition":)" + recognition + more + "}";
}

std::string refusal(const std::string& info) {
  const auto read = Networks::of(reply(info));
  return read ? "" : read.error().message;
}

TEST(Networks, Of_97_classes_read_latin) {
  const auto read = Networks::of(reply(networks(R"({"en":)" + recogniser(97) + "}")));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->detector.input, (media::Size{960, 544}));
  EXPECT_EQ(read->detector.step, 0);
  EXPECT_FALSE(read->classifier);
  EXPECT_THAT(read->languages(), ElementsAre("en"));
  EXPECT_EQ(read->reader_of("en")->alphabet[18], "A");
  EXPECT_EQ(read->reader_of("zh"), nullptr);
}

TEST(Networks, Of_labels_have_a_space_behind_where_there_is_a_class_more) {
  const std::string labels = R"(,"labels":["a","e","的"])";
  for (const int classes : {4, 5}) {
    const auto read =
        Networks::of(reply(networks(R"({"en":)" + recogniser(classes, labels) + "}")));
    ASSERT_TRUE(read) << read.error().message;
    const auto& alphabet = read->recognisers[0].alphabet;
    EXPECT_EQ(alphabet.classes(), static_cast<std::size_t>(classes));
    EXPECT_EQ(alphabet[3], "的");
    EXPECT_EQ(alphabet[4], classes == 5 ? " " : "");
    EXPECT_THAT(read->languages(), ElementsAre("en", "zh")) << "whose letters it has";
    EXPECT_EQ(read->reader_of("zh")->name, "en");
  }
}

TEST(Networks, Who_has_a_network_of_its_own_is_read_with_that) {
  const std::string chinese = recogniser(3, R"(,"labels":["e","的"])");
  const auto read =
      Networks::of(reply(networks(R"({"en":)" + chinese + R"(,"zh":)" + chinese + "}")));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->reader_of("zh")->name, "zh");
  EXPECT_EQ(read->reader_of("en")->name, "en");
  EXPECT_THAT(read->languages(), ElementsAre("en", "zh"));
}

TEST(Networks, Classes_without_names_are_told_with_what_they_need) {
  EXPECT_THAT(refusal(networks(R"({"zh":)" + recogniser(18385) + "}")),
              HasSubstr("the recogniser of zh has 18385 classes and 0 characters are named; it "
                        "needs a list of 18383"));
  EXPECT_THAT(refusal(networks(R"({"en":)" + recogniser(97, R"(,"labels":["a"])") + "}")),
              HasSubstr("97 classes and 1 characters"));
}

TEST(Networks, Nonsense_and_old_managers_are_refused_in_words) {
  EXPECT_THAT(refusal("{}"), HasSubstr("the detector takes no picture"));
  EXPECT_THAT(refusal(R"({"detection_input_shape":[544,960,1]})"), HasSubstr("three channels"));
  EXPECT_THAT(refusal(R"({"detection_input_shape":[0,960,3]})"), HasSubstr("three channels"));
  EXPECT_THAT(refusal(R"({"detection_input_shape":[544,960,3]})"), HasSubstr("too old"));
  EXPECT_THAT(refusal(networks("{}")), HasSubstr("too old"));
  EXPECT_THAT(refusal(networks(R"({"en":{"input_shape":[48]}})")), HasSubstr("no picture"));
}

TEST(Networks, Free_sides_and_a_classifier_are_known) {
  const auto read = Networks::of(reply(networks(
      R"({"en":)" + recogniser(97, R"(,"step":32,"max_width":640)") + "}",
      R"(,"detection":{"step":32,"max_side":2048},"classification":{"input_shape":[48,192,3]})")));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->detector.step, 32);
  EXPECT_EQ(read->detector.max_side, 2048);
  EXPECT_EQ(read->classifier, (media::Size{192, 48}));
  EXPECT_EQ(read->recognisers[0].max_width, 640);
}

}  // namespace
}  // namespace npu::ocr
