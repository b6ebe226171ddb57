#include "http/json_body.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "http/json_text.hpp"

namespace npu::http {
namespace {

TEST(JsonBody, Broken_text_is_malformed_and_the_message_says_where) {
  for (const char* text : {"", "{", "{\"a\":}", "nul", "{} x", "\"\xff\"", "{\"a\":1}}"}) {
    const auto value = parse_json(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, ErrorCode::kMalformed) << text;
    EXPECT_NE(value.error().message.find(" at byte "), std::string::npos) << text;
  }
}

TEST(JsonBody, Surrounding_white_space_is_fine_and_the_last_duplicate_counts) {
  const auto value = parse_json(" \r\n{\"a\": 1, \"a\": 2}\t ");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->at("a").as_int64(), 2);
}

TEST(JsonBody, Deep_nesting_is_refused) {
  EXPECT_TRUE(parse_json(std::string(32, '[') + std::string(32, ']')));
  EXPECT_FALSE(parse_json(std::string(33, '[') + std::string(33, ']')));
  EXPECT_FALSE(parse_json(std::string(100'000, '[')));
}

TEST(JsonBody, Many_elements_are_refused_before_they_take_memory) {
  std::string text = "[1";
  for (int i = 0; i < 100; ++i) text += ",1";
  text += "]";
  EXPECT_TRUE(parse_json(text, {.max_elements = 103}));
  const auto refused = parse_json(text, {.max_elements = 100});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
}

TEST(JsonBody, Commas_inside_strings_are_not_elements) {
  const std::string text = R"(["a,b,c,[{\",,,\\", ",,,,"])";
  EXPECT_TRUE(parse_json(text, {.max_elements = 3}));
}

TEST(JsonText, Styles_and_numbers) {
  const boost::json::object value{{"a", {1, -2, 0.5, 3.0, 1e-7, nullptr, true}},
                                  {"b", "q\"\\\n\x01"},
                                  {"c", boost::json::object{}}};
  EXPECT_EQ(
      json_text(value, JsonStyle::kSpaced),
      "{\"a\": [1, -2, 0.5, 3.0, 1e-07, null, true], \"b\": \"q\\\"\\\\\\n\\u0001\", \"c\": {}}");
  EXPECT_EQ(json_text(value, JsonStyle::kCompact),
            "{\"a\":[1,-2,0.5,3.0,1e-07,null,true],\"b\":\"q\\\"\\\\\\n\\u0001\",\"c\":{}}");
}

TEST(JsonText, What_is_written_reads_back_as_the_same_value) {
  const boost::json::value value{{"x", {1.0 / 3.0, 1e300, -0.0, 18446744073709551615ULL}},
                                 {"\xc3\xa9\x7f", "\xe2\x82\xac"}};
  const auto back = parse_json(json_text(value.get_object()));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, value);
}

TEST(JsonText, Not_a_number_becomes_null) {
  EXPECT_EQ(json_text({{"x", std::numeric_limits<double>::quiet_NaN()}}), "{\"x\":null}");
}

}  // namespace
}  // namespace npu::http
