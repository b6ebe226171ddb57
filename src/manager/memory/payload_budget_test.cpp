#include "manager/memory/payload_budget.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace npu::manager {
namespace {

class PayloadBudgetTest : public testing::Test {
 protected:
  // Each of a user of its own, unless it is said.
  PayloadBudget::Share take(std::size_t bytes, int who) {
    return take(bytes, who, static_cast<uid_t>(who));
  }
  PayloadBudget::Share take(std::size_t bytes, int who, uid_t user) {
    return budget_.take(bytes, quota_.client(user), owner_,
                        [this, who](PayloadBudget::Share share) {
                          granted_.push_back(who);
                          shares_.push_back(std::move(share));
                        });
  }

  static ClientLimits limits() {
    ClientLimits limits;
    limits[Held::kBytesIn].together = 100;
    return limits;
  }

  ClientQuota quota_{limits()};
  PayloadBudget budget_{quota_};
  std::shared_ptr<int> owner_ = std::make_shared<int>();
  std::vector<int> granted_;
  std::vector<PayloadBudget::Share> shares_;
};

TEST_F(PayloadBudgetTest, Who_does_not_fit_waits_and_is_served_in_order) {
  auto first = take(80, 1);
  ASSERT_TRUE(first);
  EXPECT_FALSE(take(30, 2));
  EXPECT_FALSE(take(10, 3)) << "would overtake the one that waits";
  budget_.serve();
  EXPECT_TRUE(granted_.empty());
  first.reset();
  budget_.serve();
  EXPECT_EQ(granted_, (std::vector<int>{2, 3}));
  EXPECT_EQ(quota_.held(Held::kBytesIn), 40U);
}

TEST_F(PayloadBudgetTest, One_that_is_larger_than_everything_is_served_alone) {
  auto large = take(500, 1);
  EXPECT_TRUE(large);
  EXPECT_FALSE(take(1, 2));
}

TEST_F(PayloadBudgetTest, One_user_takes_half_of_it_and_waiting_for_more_holds_up_nobody_else) {
  constexpr uid_t kGreedy = 7;
  auto first = take(50, 1, kGreedy);
  ASSERT_TRUE(first);
  EXPECT_FALSE(take(10, 2, kGreedy));
  EXPECT_FALSE(take(10, 3));
  budget_.serve();
  EXPECT_EQ(granted_, std::vector<int>{3});
  first.reset();
  budget_.serve();
  EXPECT_EQ(granted_, (std::vector<int>{3, 2}));
}

TEST_F(PayloadBudgetTest, A_waiter_that_is_gone_holds_up_nobody) {
  auto first = take(100, 1);
  EXPECT_FALSE(take(100, 2));
  owner_ = std::make_shared<int>();
  EXPECT_FALSE(take(50, 3));
  first.reset();
  budget_.serve();
  EXPECT_EQ(granted_, std::vector<int>{3});
}

}  // namespace
}  // namespace npu::manager
