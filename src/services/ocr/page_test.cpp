#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/ocr/answer.hpp"
#include "services/ocr/page_cache.hpp"
#include "services/ocr/page_reader.hpp"
#include "services/ocr/words.hpp"

namespace npu::ocr {
namespace {

using ::testing::ElementsAre;

Region region(const std::string& text, double x, double y, double width = 100) {
  Region made;
  made.quad = {{{x, y}, {x + width, y}, {x + width, y + 20}, {x, y + 20}}};
  made.text = text;
  made.confidence = 0.75F;
  made.language = "en";
  made.words = {{text, made.quad}};
  return made;
}

std::vector<std::string> texts(const Page& page) {
  std::vector<std::string> all;
  all.reserve(page.regions.size());
  for (const Region& one : page.regions) all.push_back(one.text);
  return all;
}

TEST(OrderedPage, Regions_are_in_reading_order_and_blocks_count_them) {
  const Page page =
      ordered_page({region("c", 10, 50), region("b", 150, 12), region("a", 10, 10)}, {400, 100});
  EXPECT_THAT(texts(page), ElementsAre("a", "b", "c"));
  ASSERT_EQ(page.blocks.size(), 1U);
  EXPECT_EQ(page.blocks[0], (vision::ReadBlock{{0, 1}, {2}}));
  EXPECT_EQ(plain_text(page), "a b\nc\n");
}

TEST(OrderedPage, However_the_page_was_turned) {
  const std::vector<Region> upright{region("a", 10, 10), region("b", 150, 12), region("c", 10, 50)};
  for (const double degrees : {90., 180., 270., 30., -20.}) {
    std::vector<Region> turned = upright;
    const double across = std::cos(degrees * std::numbers::pi / 180);
    const double down = std::sin(degrees * std::numbers::pi / 180);
    for (Region& one : turned) {
      for (auto& at : one.quad) at = {at.x * across - at.y * down, at.x * down + at.y * across};
    }
    std::ranges::reverse(turned);
    EXPECT_THAT(texts(ordered_page(turned, {400, 400})), ElementsAre("a", "b", "c")) << degrees;
  }
}

TEST(OrderedPage, Without_text_it_is_empty) {
  const Page page = ordered_page({}, {10, 10});
  EXPECT_EQ(plain_text(page), "");
  EXPECT_TRUE(languages_of(page).empty());
  const auto answer = boost::json::parse(extract_text(page, {}));
  EXPECT_EQ(answer.at("success"), true);
  EXPECT_EQ(answer.at("statistics").at("average_confidence"), 0.0);
}

TEST(LanguagesOf, Are_those_of_the_letters) {
  const auto of = [](const std::string& text) {
    return languages_of(ordered_page({region(text, 0, 0)}, {200, 50}));
  };
  EXPECT_THAT(of("Hello"), ElementsAre("en"));
  EXPECT_THAT(of("你好"), ElementsAre("zh"));
  EXPECT_THAT(of("一"), ElementsAre("zh"));
  EXPECT_THAT(of("USB 接口"), ElementsAre("zh", "en"));
  EXPECT_THAT(of("42 é"), ElementsAre("en")) << "of whose network it was";
}

TEST(PixelsOf, Lie_in_the_picture) {
  const media::Box box = pixels_of({{{-5, -3.2}, {120, 0}, {120, 70.4}, {-5, 70}}}, {100, 60});
  EXPECT_EQ(box, (media::Box{{0, 0}, {100, 60}}));
}

TEST(WordsOf, Go_halfway_to_their_neighbours_and_fill_the_line) {
  const vision::Alphabet letters({"a", "b", " "});
  // a b _ a, each seen at one of ten steps.
  const auto read = vision::read_ctc(
      std::vector<float>{1, 1, 0, 1, 2, 1, 0, 1, 3, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1}, letters);
  ASSERT_EQ(read.text, "ab a");
  const auto words = words_of(read, {{{0, 0}, {100, 0}, {100, 10}, {0, 10}}});
  ASSERT_EQ(words.size(), 2U);
  EXPECT_EQ(words[0].text, "ab");
  EXPECT_EQ(words[0].quad[0].x, 0);
  EXPECT_NEAR(words[0].quad[1].x, 35, 1e-9);
  EXPECT_NEAR(words[1].quad[0].x, 55, 1e-9);
  EXPECT_NEAR(words[1].quad[1].x, 100, 1e-9);
  EXPECT_EQ(words[1].quad[2].y, 10);
}

TEST(WordsOf, Blanks_alone_are_none) {
  const vision::Alphabet letters({" "});
  EXPECT_TRUE(words_of(vision::read_ctc(std::vector<float>{1, 1}, letters), {}).empty());
  EXPECT_TRUE(words_of({}, {}).empty());
}

class PageCacheTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const Page> page_of(const std::string& text) {
    return std::make_shared<const Page>(ordered_page({region(text, 0, 0)}, {100, 100}));
  }
  SteadyTime now_{};
  PageCache cache_{2000, std::chrono::seconds(10)};
};

TEST_F(PageCacheTest, A_page_is_kept_for_its_time) {
  cache_.add("a", page_of("text"), now_);
  ASSERT_NE(cache_.find("a", now_ + std::chrono::seconds(9)), nullptr);
  EXPECT_EQ(cache_.find("a", now_)->regions[0].text, "text");
  EXPECT_EQ(cache_.find("b", now_), nullptr);
  EXPECT_EQ(cache_.find("a", now_ + std::chrono::seconds(10)), nullptr);
  EXPECT_EQ(cache_.size(), 0U);
}

TEST_F(PageCacheTest, What_was_not_asked_for_longest_goes_first) {
  std::vector<std::string> keys;
  for (int i = 0; i < 20; ++i) {
    cache_.add(std::to_string(i), page_of("text"), now_);
    ASSERT_NE(cache_.find("0", now_), nullptr) << "was asked for just now";
  }
  EXPECT_GT(cache_.size(), 1U);
  EXPECT_LT(cache_.size(), 20U);
  EXPECT_NE(cache_.find("19", now_), nullptr);
  EXPECT_EQ(cache_.find("1", now_), nullptr);
}

TEST_F(PageCacheTest, What_is_larger_than_all_is_not_kept_and_a_key_is_there_once) {
  cache_.add("large", page_of(std::string(5000, 'x')), now_);
  EXPECT_EQ(cache_.size(), 0U);
  cache_.add("a", page_of("one"), now_);
  cache_.add("a", page_of("two"), now_);
  EXPECT_EQ(cache_.size(), 1U);
  EXPECT_EQ(cache_.find("a", now_)->regions[0].text, "two");
}

}  // namespace
}  // namespace npu::ocr
