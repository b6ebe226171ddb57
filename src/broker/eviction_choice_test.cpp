#include "broker/eviction_choice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Lru : public ::testing::Test {
 protected:
  Lru() {
    std::size_t i = 0;
    for (const std::uint64_t bytes : {10, 50, 20, 80}) {
      models_[i].want(Priority::kBatch, {});
      models_[i].admit(bytes, 0);
      candidates_.push_back(&models_[i++]);
    }
  }
  std::vector<const Model*> choose(std::uint64_t bytes) {
    return LeastRecentlyUsed().choose(candidates_, bytes);
  }
  std::array<Model, 4> models_{Model({}, {}), Model({}, {}), Model({}, {}), Model({}, {})};
  std::vector<const Model*> candidates_;  // the least recently used first
};

TEST_F(Lru, The_oldest_that_is_enough_alone_is_taken) {
  EXPECT_THAT(choose(5), ElementsAre(&models_[0]));
  EXPECT_THAT(choose(15), ElementsAre(&models_[1]));
  EXPECT_THAT(choose(80), ElementsAre(&models_[3]));
}

TEST_F(Lru, If_none_is_enough_alone_the_oldest_go_together_and_none_in_vain) {
  EXPECT_THAT(choose(100), ElementsAre(&models_[1], &models_[3]));
  EXPECT_THAT(choose(155), ElementsAre(&models_[0], &models_[1], &models_[2], &models_[3]));
}

TEST_F(Lru, If_all_together_are_not_enough_nobody_goes) {
  EXPECT_THAT(choose(161), IsEmpty());
  candidates_.clear();
  EXPECT_THAT(choose(1), IsEmpty());
}

}  // namespace
}  // namespace npu::broker
