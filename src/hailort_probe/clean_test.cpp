#include "hailort_probe/clean.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace npu::hailort_probe {
namespace {

namespace json = boost::json;

TEST(Clean, What_is_printed_can_be_read_again) {
  const json::value dirty{{"text", "a\xFF"},
                          {"na\xC3me", json::array{std::nan(""), 1.5, "\xE2\x82"}},
                          {"inner", {{"huge", std::numeric_limits<double>::infinity()}}}};
  const auto cleaned = clean(dirty);
  boost::system::error_code error;
  EXPECT_EQ(json::parse(json::serialize(cleaned), error), cleaned);
  EXPECT_FALSE(error);
  EXPECT_EQ(cleaned.at("text"), "a\xEF\xBF\xBD");
  EXPECT_TRUE(cleaned.at("inner").at("huge").is_null());
  const json::value good{{"b", true}, {"n", 7}, {"t", "\xC3\xA4"}, {"o", json::object()}};
  EXPECT_EQ(clean(good), good);
}

}  // namespace
}  // namespace npu::hailort_probe
