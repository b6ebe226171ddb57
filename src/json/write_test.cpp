#include "json/write.hpp"

#include <limits>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "json/parse.hpp"

namespace npu::json {
namespace {

TEST(Write, Styles_and_numbers) {
  const boost::json::object value{{"a", {1, -2, 0.5, 3.0, 1e-7, nullptr, true}},
                                  {"b", "q\"\\\n\x01"},
                                  {"c", boost::json::object{}}};
  EXPECT_EQ(
      write(value, Style::kSpaced),
      "{\"a\": [1, -2, 0.5, 3.0, 1e-07, null, true], \"b\": \"q\\\"\\\\\\n\\u0001\", \"c\": {}}");
  EXPECT_EQ(write(value),
            "{\"a\":[1,-2,0.5,3.0,1e-07,null,true],\"b\":\"q\\\"\\\\\\n\\u0001\",\"c\":{}}");
}

TEST(Write, What_is_written_reads_back_as_the_same_value) {
  const boost::json::value value{{"x", {1.0 / 3.0, 1e300, -0.0, 18446744073709551615ULL}},
                                 {"\xc3\xa9\x7f", "\xe2\x82\xac"}};
  const auto back = parse(write(value.get_object()));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, value);
}

TEST(Write, Not_a_number_becomes_null) {
  EXPECT_EQ(write({{"x", std::numeric_limits<double>::quiet_NaN()}}), "{\"x\":null}");
}

TEST(Write, Rounded_numbers_have_no_more_digits_than_asked_for) {
  EXPECT_EQ(
      write({{"a", rounded(0.123456, 1e4)}, {"b", rounded(-1.005, 10)}, {"c", rounded(2, 100)}}),
      R"({"a":0.1235,"b":-1.0,"c":2.0})");
}

}  // namespace
}  // namespace npu::json
