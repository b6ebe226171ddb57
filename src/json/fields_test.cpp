#include "json/fields.hpp"

#include <gtest/gtest.h>

namespace npu::json {
namespace {

boost::json::object object_of(std::string_view text) {
  return boost::json::parse({text.data(), text.size()}).as_object();
}

std::string error_of(const Fields& in) { return in.status() ? "" : in.status().error().message; }

TEST(Fields, Gives_what_is_there_in_its_kind) {
  const auto object = object_of(
      R"({"flag":true,"text":"a","object":{"b":1},"list":[1,2],"number":0.5,"integer":-3,)"
      R"("count":18446744073709551615})");
  Fields in(object);
  EXPECT_EQ(in.flag("flag"), true);
  EXPECT_EQ(in.text("text"), "a");
  ASSERT_NE(in.object("object"), nullptr);
  EXPECT_TRUE(in.object("object")->contains("b"));
  ASSERT_NE(in.list("list"), nullptr);
  EXPECT_EQ(in.list("list")->size(), 2U);
  EXPECT_EQ(in.number("number"), 0.5);
  EXPECT_EQ(in.number("integer"), -3);
  EXPECT_EQ(in.integer("integer", -3, 3), -3);
  EXPECT_EQ(in.count("count"), 18446744073709551615U);
  EXPECT_EQ(error_of(in), "");
}

TEST(Fields, What_is_missing_or_null_is_absent_and_no_error) {
  const auto object = object_of(R"({"null":null})");
  Fields in(object);
  for (const std::string_view name : {"null", "missing"}) {
    EXPECT_EQ(in.find(name), nullptr);
    EXPECT_EQ(in.flag(name), std::nullopt);
    EXPECT_EQ(in.text(name), std::nullopt);
    EXPECT_EQ(in.object(name), nullptr);
    EXPECT_EQ(in.list(name), nullptr);
    EXPECT_EQ(in.number(name), std::nullopt);
    EXPECT_EQ(in.number(name, 0, 1), std::nullopt);
    EXPECT_EQ(in.integer(name), std::nullopt);
    EXPECT_EQ(in.integer(name, 0, 1), std::nullopt);
    EXPECT_EQ(in.count(name), std::nullopt);
    EXPECT_EQ(in.capped_number(name, 0, 1), std::nullopt);
    EXPECT_EQ(in.capped_integer(name, 0, 1), std::nullopt);
  }
  EXPECT_EQ(error_of(in), "");
  EXPECT_EQ(error_of(in.required({"null"})), "null is missing");
}

TEST(Fields, Says_what_a_field_must_be_and_what_it_is) {
  const auto object = object_of(R"({"a":"x","b":{},"c":[],"d":-1,"e":1.5,"f":99999999999999999999,)"
                                R"("long":"0123456789012345678901234567890123456789"})");
  const auto error = [&](auto read) {
    Fields in(object);
    read(in);
    return error_of(in);
  };
  EXPECT_EQ(error([](Fields& in) { in.flag("a"); }), R"(a must be true or false, got "x")");
  EXPECT_EQ(error([](Fields& in) { in.text("b"); }), "b must be a string, got an object");
  EXPECT_EQ(error([](Fields& in) { in.object("c"); }), "c must be an object, got a list");
  EXPECT_EQ(error([](Fields& in) { in.list("d"); }), "d must be a list, got -1");
  EXPECT_EQ(error([](Fields& in) { in.number("a"); }), R"(a must be a number, got "x")");
  EXPECT_EQ(error([](Fields& in) { in.number("d", 0, 1.5); }),
            "d must be a number in 0..1.5, got -1");
  EXPECT_EQ(error([](Fields& in) { in.integer("e"); }), "e must be a whole number, got 1.5");
  EXPECT_EQ(error([](Fields& in) { in.integer("d", 0, 9); }),
            "d must be a whole number in 0..9, got -1");
  EXPECT_EQ(error([](Fields& in) { in.integer("e", 0, 9); }),
            "e must be a whole number in 0..9, got 1.5");
  EXPECT_EQ(error([](Fields& in) { in.count("d"); }),
            "d must be a whole number that is not negative, got -1");
  EXPECT_EQ(error([](Fields& in) { in.count("f"); }),
            "f must be a whole number that is not negative, got 1e+20");
  EXPECT_EQ(error([](Fields& in) { in.capped_number("d", 0, 9); }),
            "d must be a number of at least 0, got -1");
  EXPECT_EQ(error([](Fields& in) { in.capped_integer("e", 0, 9); }),
            "e must be a whole number of at least 0, got 1.5");
  EXPECT_EQ(error([](Fields& in) { in.flag("long"); }),
            R"(long must be true or false, got "01234567890123456789012345678901"...)");
}

TEST(Fields, Keeps_the_first_error_with_its_code_and_where_it_was) {
  const auto object = object_of(R"({"size":"x","region":-1})");
  Fields in(object, ErrorCode::kMalformed, "output.");
  EXPECT_EQ(in.count("size"), std::nullopt);
  EXPECT_EQ(in.count("region"), std::nullopt);
  ASSERT_FALSE(in.status());
  EXPECT_EQ(in.status().error().code, ErrorCode::kMalformed);
  EXPECT_EQ(error_of(in), R"(output.size must be a whole number that is not negative, got "x")");
}

TEST(Fields, A_double_without_a_fraction_is_a_whole_number_as_far_as_doubles_are_exact) {
  const auto object = object_of(R"({"a":3.0,"b":1e15,"c":1e17,"d":-0.0})");
  Fields in(object);
  EXPECT_EQ(in.integer("a", 0, 9), 3);
  EXPECT_EQ(in.count("b"), 1'000'000'000'000'000U);
  EXPECT_EQ(in.count("d"), 0U);
  EXPECT_EQ(error_of(in), "");
  EXPECT_EQ(in.count("c"), std::nullopt);
  EXPECT_NE(error_of(in), "");
}

TEST(Fields, What_is_over_a_cap_is_the_cap) {
  const auto object = object_of(R"({"few":2,"many":1e300,"half":0.5})");
  Fields in(object);
  EXPECT_EQ(in.capped_integer("few", 0, 9), 2);
  EXPECT_EQ(in.capped_integer("many", 0, 9), 9);
  EXPECT_EQ(in.capped_number("half", 0, 9), 0.5);
  EXPECT_EQ(in.capped_number("many", 0, 9), 9);
  EXPECT_EQ(error_of(in), "");
}

}  // namespace
}  // namespace npu::json
