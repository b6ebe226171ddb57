#include "services/clip/text_cache.hpp"

#include <gtest/gtest.h>

namespace npu::clip {
namespace {

TEST(TextCache, Keeps_those_that_were_used_last) {
  TextCache cache(2);
  cache.put("a", {1});
  cache.put("b", {2});
  ASSERT_NE(cache.get("a"), nullptr);
  cache.put("c", {3});
  EXPECT_EQ(cache.get("b"), nullptr);
  EXPECT_EQ(*cache.get("a"), Vector{1});
  EXPECT_EQ(*cache.get("c"), Vector{3});
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_EQ(cache.hits(), 3U);
  EXPECT_EQ(cache.misses(), 1U);
}

TEST(TextCache, What_is_there_stays_as_it_is) {
  TextCache cache(2);
  cache.put("a", {1});
  cache.put("a", {2});
  EXPECT_EQ(*cache.get("a"), Vector{1});
  EXPECT_EQ(cache.size(), 1U);
}

TEST(TextCache, Forgets_everything_when_it_is_told) {
  TextCache cache(2);
  cache.put("a", {1});
  cache.clear();
  EXPECT_EQ(cache.get("a"), nullptr);
  cache.put("a", {2});
  EXPECT_EQ(*cache.get("a"), Vector{2});
}

TEST(TextCache, Of_no_entries_it_keeps_none) {
  TextCache cache(0);
  cache.put("a", {1});
  EXPECT_EQ(cache.get("a"), nullptr);
}

}  // namespace
}  // namespace npu::clip
