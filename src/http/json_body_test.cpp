#include "http/json_body.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "http/json_text.hpp"
#include "json/parse.hpp"

namespace npu::http {
namespace {

TEST(JsonBody, What_is_wrong_is_told_in_words_for_the_client) {
  const auto broken = parse_json("{\"a\":}");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kMalformed);
  EXPECT_EQ(broken.error().message, "the body is not valid JSON: syntax error at byte 5");
  std::string list = "[0";
  for (std::size_t i = 1; i < npu::json::kOfHttpBodies.values; ++i) list += ",0";
  const auto large = parse_json(list + "]");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(large.error().message, "the body is too large: more than 200000 JSON values");
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
