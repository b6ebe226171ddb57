#include "vision/reading_order.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace npu::vision {
namespace {

using Boxes = std::vector<media::Box>;

media::Box box(double x, double y, double width, double height = 20) {
  return {{x, y}, {x + width, y + height}};
}

std::vector<std::size_t> flat(const std::vector<ReadBlock>& blocks) {
  std::vector<std::size_t> order;
  for (const auto& block : blocks) {
    for (const auto& line : block) order.insert(order.end(), line.begin(), line.end());
  }
  return order;
}

std::vector<std::size_t> counted(std::size_t count) {
  std::vector<std::size_t> all(count);
  for (std::size_t i = 0; i < count; ++i) all[i] = i;
  return all;
}

// In the order in which they are given, whatever order they come in.
void expect_read(const Boxes& in_order, std::size_t blocks) {
  EXPECT_EQ(flat(reading_order(in_order)), counted(in_order.size()));
  EXPECT_EQ(reading_order(in_order).size(), blocks);
  std::mt19937 random(1);
  for (int i = 0; i < 10; ++i) {
    auto places = counted(in_order.size());
    std::ranges::shuffle(places, random);
    Boxes shuffled;
    for (const std::size_t place : places) shuffled.push_back(in_order[place]);
    const auto order = flat(reading_order(shuffled));
    ASSERT_EQ(order.size(), in_order.size());
    for (std::size_t k = 0; k < order.size(); ++k) EXPECT_EQ(places[order[k]], k);
  }
}

void add_column(Boxes& boxes, double x, double y, int lines, double width) {
  for (int i = 0; i < lines; ++i) {
    boxes.push_back(box(x, y + i * 30, i + 1 == lines ? width / 3 : width));
  }
}

TEST(ReadingOrder, Lines_from_above_and_words_from_the_left) {
  expect_read({box(10, 10, 50), box(70, 12, 80), box(10, 40, 90), box(120, 37, 30)}, 1);
  EXPECT_EQ(reading_order(Boxes{box(10, 10, 50), box(70, 12, 80)})[0].size(), 1U);
}

TEST(ReadingOrder, Nothing_and_one) {
  EXPECT_TRUE(reading_order({}).empty());
  expect_read({box(0, 0, 0, 0)}, 1);
}

TEST(ReadingOrder, Columns_one_after_the_other) {
  Boxes two;
  add_column(two, 50, 100, 12, 400);
  add_column(two, 490, 103, 10, 400);
  expect_read(two, 2);
  Boxes three = two;
  add_column(three, 930, 97, 12, 400);
  expect_read(three, 3);
}

TEST(ReadingOrder, A_title_a_picture_with_its_caption_and_a_footer_lie_across_columns) {
  Boxes page{box(200, 20, 600, 50)};
  add_column(page, 50, 100, 6, 400);
  add_column(page, 490, 100, 6, 400);
  page.push_back(box(100, 400, 700));
  add_column(page, 50, 500, 5, 400);
  add_column(page, 490, 500, 7, 400);
  page.push_back(box(300, 800, 300));
  expect_read(page, 7);
}

TEST(ReadingOrder, A_page_number_in_the_gutter_parts_nothing) {
  Boxes page;
  add_column(page, 50, 100, 9, 400);
  add_column(page, 490, 100, 9, 400);
  page.push_back(box(455, 500, 40));
  expect_read(page, 3);
}

TEST(ReadingOrder, A_column_may_be_parted_itself) {
  Boxes page;
  add_column(page, 50, 100, 12, 300);
  page.push_back(box(400, 100, 640));
  add_column(page, 400, 150, 9, 300);
  add_column(page, 740, 150, 9, 300);
  expect_read(page, 4);
}

TEST(ReadingOrder, Short_words_below_each_other_are_a_table_and_read_by_rows) {
  Boxes table;
  for (int row = 0; row < 6; ++row) {
    table.push_back(box(10, 10 + row * 30, 40));
    table.push_back(box(200, 10 + row * 30, 30));
    table.push_back(box(320, 10 + row * 30, 30));
  }
  expect_read(table, 1);
}

TEST(ReadingOrder, Columns_of_a_newspaper_stand_close_together) {
  Boxes page{box(10, 0, 600, 40)};
  for (const double x : {0.0, 210.0, 420.0}) {
    for (int line = 0; line < 8; ++line) page.push_back(box(x, 60 + 30 * line, 200));
  }
  expect_read(page, 4);
}

TEST(ReadingOrder, Gaps_between_words_of_a_few_lines_are_no_gutter) {
  Boxes page;
  for (int line = 0; line < 5; ++line) {
    page.push_back(box(0, 30 * line, 150));
    page.push_back(box(160, 30 * line, 150));
  }
  expect_read(page, 1);
}

TEST(ReadingOrder, Of_gutters_with_as_much_across_the_widest_parts) {
  Boxes page{box(100, 0, 500, 40)};
  // The longest line of the left column ends where the page number begins.
  for (int line = 0; line < 8; ++line)
    page.push_back(box(0, 60 + 30 * line, line == 3 ? 270 : 250));
  for (int line = 0; line < 8; ++line) page.push_back(box(330, 60 + 30 * line, 250));
  page.push_back(box(275, 330, 80));
  expect_read(page, 4);
}

TEST(ReadingOrder, Every_one_of_any_boxes_is_there_once) {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> place(-50, 1000);
  std::uniform_real_distribution<double> size(0, 300);
  for (int round = 0; round < 200; ++round) {
    Boxes boxes;
    for (int i = 0; i < round; ++i) {
      boxes.push_back(box(place(random), place(random), size(random), size(random) / 8));
    }
    auto order = flat(reading_order(boxes));
    std::ranges::sort(order);
    ASSERT_EQ(order, counted(boxes.size()));
  }
}

}  // namespace
}  // namespace npu::vision
