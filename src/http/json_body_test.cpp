#include "http/json_body.hpp"

#include <boost/json/value.hpp>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace npu::http
