#include "manager/memory/slab_pool.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace npu::manager {
namespace {

constexpr std::size_t kKeep = 1 << 20;

class SlabPoolTest : public testing::Test {
 protected:
  SlabPoolTest() {
    registry_.on_end([this](RegionNumber number) { ended_.push_back(number); });
  }

  FakeClock clock_;
  RegionRegistry registry_;
  std::vector<RegionNumber> ended_;
  SlabPool pool_{registry_, clock_, kKeep};
};

TEST_F(SlabPoolTest, A_slab_is_used_again_under_its_number) {
  auto first = pool_.take(100'000).value();
  const RegionNumber number = first->number();
  EXPECT_GE(first->bytes().size(), 100'000U);
  first.reset();
  EXPECT_EQ(pool_.take(90'000).value()->number(), number);
  EXPECT_TRUE(ended_.empty());
}

TEST_F(SlabPoolTest, Two_at_a_time_are_different_memory) {
  const auto a = pool_.take(1000).value();
  const auto b = pool_.take(1000).value();
  EXPECT_NE(a->number(), b->number());
  EXPECT_EQ(pool_.bytes_in_use(), a->bytes().size() + b->bytes().size());
}

TEST_F(SlabPoolTest, Keeps_no_more_than_it_may) {
  std::vector<RegionPtr> slabs;
  for (int i = 0; i < 10; ++i) slabs.push_back(pool_.take(256 << 10).value());
  slabs.clear();
  EXPECT_EQ(pool_.bytes_kept(), kKeep);
  EXPECT_EQ(ended_.size(), 6U);
  pool_.take(8 << 20).value().reset();
  EXPECT_EQ(pool_.bytes_kept(), kKeep);
}

TEST_F(SlabPoolTest, Trimming_frees_what_nobody_took_for_long) {
  pool_.take(1000).value().reset();
  clock_.advance(std::chrono::seconds(10));
  pool_.take(300'000).value().reset();
  pool_.trim(std::chrono::seconds(5));
  EXPECT_EQ(ended_, std::vector<RegionNumber>{1});
  EXPECT_EQ(registry_.bytes(), pool_.bytes_kept());
}

TEST_F(SlabPoolTest, A_slab_may_outlive_the_pool) {
  RegionPtr slab;
  {
    SlabPool brief(registry_, clock_, kKeep);
    slab = brief.take(1000).value();
  }
  slab->bytes()[0] = std::byte{1};
  slab.reset();
  EXPECT_EQ(ended_.size(), 1U);
}

}  // namespace
}  // namespace npu::manager
