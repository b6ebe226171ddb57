#include "services/kit/labels.hpp"

#include <cstdio>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::kit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LabelsFile : public ::testing::Test {
 protected:
  ~LabelsFile() override { std::remove(path_.c_str()); }

  Result<Labels> read(std::string_view text) {
    std::ofstream(path_, std::ios::binary) << text;
    return Labels::read(path_);
  }

  std::string path_ = ::testing::TempDir() + "labels-" +
                      ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST(Labels, Of_coco_have_the_ids_of_its_annotations) {
  const Labels coco = Labels::coco();
  ASSERT_EQ(coco.names().size(), 80U);
  const auto id = [&](std::string_view name) { return coco.category_id(*coco.find(name)); };
  EXPECT_EQ(id("person"), 1);
  EXPECT_EQ(id("fire hydrant"), 11);
  EXPECT_EQ(id("stop sign"), 13);
  EXPECT_EQ(id("backpack"), 27);
  EXPECT_EQ(id("handbag"), 31);
  EXPECT_EQ(id("wine glass"), 46);
  EXPECT_EQ(id("dining table"), 67);
  EXPECT_EQ(id("toilet"), 70);
  EXPECT_EQ(id("tv"), 72);
  EXPECT_EQ(id("book"), 84);
  EXPECT_EQ(id("toothbrush"), 90);
}

TEST(Labels, A_class_without_a_name_has_its_number) {
  EXPECT_EQ(Labels::coco().name(80), "class 80");
  EXPECT_FALSE(Labels::coco().find("class 80"));
}

TEST_F(LabelsFile, Has_one_name_a_line) {
  const auto labels = read("red ball\r\nbox\n\n");
  ASSERT_TRUE(labels) << labels.error().message;
  EXPECT_THAT(labels->names(), ElementsAre("red ball", "box"));
  EXPECT_EQ(labels->category_id(1), 2);
}

TEST_F(LabelsFile, That_is_none_is_refused) {
  for (const std::string& text : {std::string(), std::string("\n\n"), std::string("a\n\nb\n"),
                                  std::string("caf\xe9\n"), std::string((1 << 20) + 1, 'x')}) {
    const auto labels = read(text);
    ASSERT_FALSE(labels);
    EXPECT_THAT(labels.error().message, HasSubstr(path_));
  }
  EXPECT_EQ(Labels::read("/none/of/these").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Labels::read(::testing::TempDir()).error().code, ErrorCode::kNotFound);
}

TEST(Labels, Sets_have_the_numbers_of_those_who_trained_with_them) {
  EXPECT_EQ(Labels::set("coco80")->name(79), "toothbrush");
  EXPECT_EQ(Labels::set("coco80")->category_id(79), 90);
  const auto ninety = Labels::set("coco90");
  ASSERT_TRUE(ninety);
  EXPECT_EQ(ninety->names().size(), 90U);
  EXPECT_EQ(ninety->name(89), "toothbrush");
  EXPECT_EQ(ninety->category_id(89), 90);
  EXPECT_EQ(ninety->name(0), "person");
  EXPECT_EQ(ninety->name(11), "class 11") << "COCO has no class 12";
  EXPECT_EQ(ninety->name(12), "stop sign");
  EXPECT_EQ(Labels::set("coco-person")->names(), std::vector<std::string>{"person"});
  EXPECT_FALSE(Labels::set("imagenet"));
}

}  // namespace
}  // namespace npu::kit
