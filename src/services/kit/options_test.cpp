#include "services/kit/options.hpp"

#include <array>

#include <gtest/gtest.h>

namespace npu::kit {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 2> kShapes{"round", "square"};
enum class Kind { kRound, kSquare };

struct Wishes {
  int count = 10;
  double threshold = 0.5;
  bool sharp = true;
  Kind kind = Kind::kRound;
  std::string label = "none";
};

Status read(Fields fields, Wishes& wishes) {
  fields.number("count", wishes.count, {.min = 1, .max = 1000});
  fields.number("threshold", wishes.threshold, {.min = 0, .max = 1});
  fields.flag("sharp", wishes.sharp);
  fields.choice("kind", wishes.kind, kShapes);
  fields.text("label", wishes.label);
  return fields.status();
}

json::object object_of(const char* text) { return json::parse(text).as_object(); }

std::string error_in(const char* text) {
  Wishes wishes;
  const auto object = object_of(text);
  const Status status = read(Fields(object), wishes);
  EXPECT_FALSE(status) << text;
  if (status) return {};
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  return status.error().message;
}

void expect_all(const Wishes& wishes) {
  EXPECT_EQ(wishes.count, 7);
  EXPECT_EQ(wishes.threshold, 0.25);
  EXPECT_FALSE(wishes.sharp);
  EXPECT_EQ(wishes.kind, Kind::kSquare);
  EXPECT_EQ(wishes.label, "a b");
}

TEST(Options, Forms_json_and_queries_say_the_same) {
  const auto object = object_of(
      R"({"count": 7, "threshold": 0.25, "sharp": false, "kind": "square", "label": "a b"})");
  Wishes from_json;
  ASSERT_TRUE(read(Fields(object), from_json));
  expect_all(from_json);

  const auto query = http::Query::parse("count=7&threshold=0.25&sharp=False&kind=square&label=a+b");
  Wishes from_query;
  ASSERT_TRUE(read(Fields(*query), from_query));
  expect_all(from_query);

  std::string body;
  for (const auto& [name, value] : *query) {
    body += "--b\r\nContent-Disposition: form-data; name=" + name + "\r\n\r\n" + value + "\r\n";
  }
  body += "--b--";
  const auto form = http::Multipart::parse("multipart/form-data; boundary=b", body);
  ASSERT_TRUE(form) << form.error().message;
  Wishes from_form;
  ASSERT_TRUE(read(Fields(*form), from_form));
  expect_all(from_form);
}

TEST(Options, What_is_absent_or_null_is_the_default) {
  for (const char* text :
       {"{}", R"({"count": null, "kind": null, "sharp": null, "label": null})"}) {
    Wishes wishes;
    const auto object = object_of(text);
    EXPECT_TRUE(read(Fields(object), wishes));
    EXPECT_EQ(wishes.count, 10);
    EXPECT_TRUE(wishes.sharp);
    EXPECT_EQ(wishes.kind, Kind::kRound);
    EXPECT_EQ(wishes.label, "none");
  }
}

TEST(Options, Numbers_in_texts_count) {
  Wishes wishes;
  const auto object = object_of(R"({"count": " 20 ", "threshold": "1e-1"})");
  ASSERT_TRUE(read(Fields(object), wishes));
  EXPECT_EQ(wishes.count, 20);
  EXPECT_EQ(wishes.threshold, 0.1);
}

TEST(Options, A_wrong_one_is_told_with_its_range_and_its_default) {
  EXPECT_EQ(error_in(R"({"count": -5})"),
            "count must be a whole number in 1..1000, got -5 (default 10)");
  EXPECT_EQ(error_in(R"({"count": 2.5})"),
            "count must be a whole number in 1..1000, got 2.5 (default 10)");
  EXPECT_EQ(error_in(R"({"threshold": "much"})"),
            "threshold must be a number in 0..1, got \"much\" (default 0.5)");
  EXPECT_EQ(error_in(R"({"threshold": [0.5]})"),
            "threshold must be a number in 0..1, got a list (default 0.5)");
  EXPECT_EQ(error_in(R"({"kind": "flat"})"),
            "kind must be one of round, square, got \"flat\" (default round)");
  EXPECT_EQ(error_in(R"({"kind": 1})"), "kind must be one of round, square, got 1 (default round)");
  EXPECT_EQ(error_in(R"({"label": {}})"),
            "label must be a string, got an object (default \"none\")");
}

TEST(Options, A_field_of_a_form_is_looked_at_where_it_lies) {
  const std::string large(1 << 20, '7');
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=count\r\n\r\n" + large + "\r\n--b--";
  const auto form = http::Multipart::parse("multipart/form-data; boundary=b", body);
  ASSERT_TRUE(form);
  Fields fields(*form);
  int count = 10;
  fields.number("count", count);
  EXPECT_EQ(count, 10);
  EXPECT_EQ(fields.value("count"), nullptr);
  EXPECT_LT(fields.status().error().message.size(), 200U);
}

TEST(Options, No_number_that_is_none_gets_through) {
  for (const char* text :
       {R"({"threshold": "nan"})", R"({"threshold": "inf"})", R"({"count": "7 apples"})",
        R"({"count": ""})", R"({"count": true})", R"({"count": 1e300})"}) {
    EXPECT_NE(error_in(text), "") << text;
  }
}

TEST(Options, A_whole_number_stays_within_its_type_without_a_range) {
  std::uint8_t small = 3;
  const auto object = object_of(R"({"small": 256})");
  Fields fields(object);
  fields.number("small", small);
  EXPECT_EQ(small, 3);
  EXPECT_EQ(fields.status().error().message,
            "small must be a whole number in 0..255, got 256 (default 3)");
}

TEST(Options, The_first_mistake_is_told) {
  EXPECT_NE(error_in(R"({"threshold": 7, "count": 0})").find("count"), std::string::npos);
}

}  // namespace
}  // namespace npu::kit
