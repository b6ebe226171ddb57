#include "http/bearer.hpp"

#include <gtest/gtest.h>

namespace npu::http {
namespace {

TEST(Bearer, Without_keys_everybody_is_admitted) { EXPECT_TRUE(BearerKeys().admits({})); }

TEST(Bearer, Only_the_exact_key_is_admitted) {
  const BearerKeys keys({"first-key", "second"});
  EXPECT_TRUE(keys.admits({{"Authorization", "Bearer first-key"}}));
  EXPECT_TRUE(keys.admits({{"authorization", "bearer  second "}}));
  EXPECT_FALSE(keys.admits({}));
  EXPECT_FALSE(keys.admits({{"Authorization", "Bearer "}}));
  EXPECT_FALSE(keys.admits({{"Authorization", "Bearer first-ke"}}));
  EXPECT_FALSE(keys.admits({{"Authorization", "Bearer first-kex"}}));
  EXPECT_FALSE(keys.admits({{"Authorization", "Basic first-key"}}));
}

}  // namespace
}  // namespace npu::http
