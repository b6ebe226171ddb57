#include "manager/models/params_hash.hpp"

#include <gtest/gtest.h>

namespace npu::manager {
namespace json = boost::json;
namespace {

TEST(ParamsHash, Does_not_depend_on_the_order_of_keys) {
  const auto a = json::parse(R"({"b":{"y":1,"x":[1,2]},"a":null})").as_object();
  const auto b = json::parse(R"({"a":null,"b":{"x":[1,2],"y":1}})").as_object();
  EXPECT_EQ(canonical_json(a), R"({"a":null,"b":{"x":[1,2],"y":1}})");
  EXPECT_EQ(params_hash(a), params_hash(b));
}

TEST(ParamsHash, Tells_different_parameters_apart) {
  EXPECT_NE(params_hash({{"a", 1}}), params_hash({{"a", 2}}));
  EXPECT_NE(params_hash({{"a", 1}}), params_hash({{"a", "1"}}));
  EXPECT_NE(params_hash({{"a", json::array{1, 2}}}), params_hash({{"a", json::array{2, 1}}}));
  EXPECT_EQ(params_hash({}), "");
}

// The vector of the SipHash paper: key 00..0f, message 00..0e.
TEST(ParamsHash, Is_SipHash_2_4) {
  std::string message;
  for (char c = 0; c < 15; ++c) message += c;
  EXPECT_EQ(siphash(message, {0x0706050403020100, 0x0f0e0d0c0b0a0908}), 0xa129ca6149be45e5);
}

}  // namespace
}  // namespace npu::manager
