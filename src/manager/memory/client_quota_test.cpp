#include "manager/memory/client_quota.hpp"

#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manager/memory/client_limits.hpp"

namespace npu::manager {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Hold = ClientQuota::Hold;

class ClientQuotaTest : public testing::Test {
 protected:
  static ClientLimits limits() {
    ClientLimits limits;
    limits[Held::kRegions] = {.together = 120, .of_connection = 64};
    limits[Held::kDescriptors].together = 1000;
    limits[Held::kBytesUnread].together = 1000;
    return limits;
  }
  // Connections of that user take regions one by one until they get no more.
  std::size_t take_all(uid_t user) {
    std::size_t taken = 0;
    for (int i = 0; i < 4; ++i) {
      const auto client = quota_.client(user);
      while (auto hold = client.take({{Held::kRegions}, {Held::kDescriptors}})) {
        holds_.push_back(std::move(*hold));
        ++taken;
      }
    }
    return taken;
  }

  ClientQuota quota_{limits()};
  std::vector<Hold> holds_;
};

TEST_F(ClientQuotaTest, Two_greedy_users_leave_as_much_to_a_third) {
  EXPECT_EQ(take_all(1), 60U);
  EXPECT_EQ(take_all(2), 30U);
  EXPECT_EQ(take_all(3), 15U);
  holds_.clear();
  EXPECT_EQ(quota_.held(Held::kRegions), 0U);
  for (bool more = true; more;) {
    more = false;
    for (const uid_t user : {1U, 2U}) {
      auto hold = quota_.client(user).take({{Held::kRegions}});
      if (hold) holds_.push_back(std::move(*hold));
      more = more || hold;
    }
  }
  EXPECT_EQ(quota_.held_by(1, Held::kRegions), 40U);
  EXPECT_EQ(quota_.held_by(2, Held::kRegions), 40U);
  EXPECT_EQ(quota_.share_of(3, Held::kRegions), 20U);
}

TEST_F(ClientQuotaTest, Of_several_amounts_all_are_held_or_none) {
  const auto client = quota_.client(1);
  EXPECT_FALSE(client.take({{Held::kDescriptors, 5}, {Held::kRegions, 65}}));
  EXPECT_EQ(quota_.held(Held::kDescriptors), 0U);
  EXPECT_EQ(client.held(Held::kDescriptors), 0U);
}

TEST_F(ClientQuotaTest, An_error_says_which_limit_and_what_to_do) {
  const auto client = quota_.client(7);
  const auto of_connection = client.take({{Held::kRegions, 65}});
  ASSERT_FALSE(of_connection);
  EXPECT_EQ(of_connection.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(of_connection.error().message,
            "a connection has at most 64 regions, 0 are taken and 65 asked for: unregister some");
  take_all(7);
  const auto of_user = quota_.client(7).take({{Held::kRegions}});
  ASSERT_FALSE(of_user);
  EXPECT_EQ(of_user.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(of_user.error().message,
            "user 7 has 60 of 120 regions, and may have 60 while others have 0: unregister some");
  const auto others = quota_.client(8).take({{Held::kRegions, 40}});
  ASSERT_FALSE(others);
  EXPECT_EQ(others.error().code, ErrorCode::kOverloaded);
  EXPECT_TRUE(others.error().retry_after);
}

TEST_F(ClientQuotaTest, Who_asks_for_more_than_can_be_counted_asks_for_too_much_himself) {
  const Hold some = quota_.client(1).charge({{Held::kDescriptors, 2}});
  const auto refused = quota_.client(1).take({{Held::kDescriptors, ClientLimits::kNone - 1}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kQuotaExceeded);
}

TEST_F(ClientQuotaTest, What_is_held_outlives_connection_and_quota) {
  Hold hold;
  {
    ClientQuota brief(limits());
    hold = std::move(brief.client(1).take({{Held::kRegions, 3}}).value());
    EXPECT_EQ(brief.held_by(1, Held::kRegions), 3U);
  }
  hold.release();
  hold.release();
}

TEST_F(ClientQuotaTest, Holds_of_one_client_can_become_one) {
  const auto client = quota_.client(1);
  Hold region = client.charge({{Held::kRegions}});
  region.merge(client.charge({{Held::kDescriptors, 2}}));
  EXPECT_EQ(client.held(Held::kDescriptors), 2U);
  region = {};
  EXPECT_EQ(client.held(Held::kDescriptors), 0U);
  EXPECT_EQ(client.held(Held::kRegions), 0U);
}

TEST_F(ClientQuotaTest, A_hold_holds_what_came_to_it_and_nothing_else) {
  const auto client = quota_.client(1);
  Hold hold;
  hold.change(Held::kRegions, 5);
  EXPECT_EQ(quota_.held(Held::kRegions), 0U) << "one of nobody";
  hold.merge(client.charge({{Held::kRegions, 5}}));
  EXPECT_EQ(quota_.held(Held::kRegions), 5U);
  hold = client.charge({{Held::kRegions, 2}});
  EXPECT_EQ(quota_.held(Held::kRegions), 2U) << "what it held before is given back";
  const Hold other = std::move(hold);
  hold = {};
  EXPECT_EQ(quota_.held(Held::kRegions), 2U) << "it went to the other";
}

TEST_F(ClientQuotaTest, What_is_merged_is_given_back_and_changed_together) {
  const auto client = quota_.client(1);
  Hold hold = client.charge({{Held::kRegions, 3}});
  hold.merge(client.charge({{Held::kRegions, 4}, {Held::kSlabs, 1}}));
  hold.change(Held::kRegions, 6);
  EXPECT_EQ(client.held(Held::kRegions), 6U) << "of seven";
  hold.release();
  EXPECT_EQ(client.held(Held::kRegions), 0U);
  EXPECT_EQ(client.held(Held::kSlabs), 0U);
}

TEST_F(ClientQuotaTest, A_hold_outlives_its_connection_on_the_users_account) {
  Hold region = quota_.client(1).charge({{Held::kRegions, 60}});
  EXPECT_EQ(quota_.held_by(1, Held::kRegions), 60U);
  const auto next = quota_.client(1);
  EXPECT_EQ(next.held(Held::kRegions), 0U) << "another connection";
  EXPECT_FALSE(next.take({{Held::kRegions}})) << "of a user who has all that he may";
  region.release();
  EXPECT_TRUE(next.take({{Held::kRegions}}));
}

TEST_F(ClientQuotaTest, What_was_charged_whatever_the_limits_say_counts_for_what_is_asked_for) {
  const auto client = quota_.client(1);
  const Hold beyond = client.charge({{Held::kRegions, 200}});
  EXPECT_EQ(client.held(Held::kRegions), 200U);
  EXPECT_EQ(client.take({{Held::kRegions}}).error().message,
            "a connection has at most 64 regions, 200 are taken and 1 asked for: unregister some");
  const auto refused = quota_.client(1).take({{Held::kRegions}});
  EXPECT_EQ(refused.error().code, ErrorCode::kQuotaExceeded);
  const auto other = quota_.client(2).take({{Held::kRegions}});
  ASSERT_FALSE(other) << "there are none left";
  EXPECT_EQ(other.error().code, ErrorCode::kOverloaded);
}

TEST_F(ClientQuotaTest, Users_are_told_apart_and_their_connections_counted_together) {
  const auto first = quota_.client(1);
  const auto second = quota_.client(1);
  const Hold some = first.charge({{Held::kRegions, 3}});
  const Hold more = second.charge({{Held::kRegions, 4}});
  const Hold others = quota_.client(2).charge({{Held::kRegions, 6}});
  EXPECT_EQ(first.held(Held::kRegions), 3U);
  EXPECT_EQ(quota_.held_by(1, Held::kRegions), 7U);
  EXPECT_EQ(quota_.held(Held::kRegions), 13U);
  EXPECT_EQ(quota_.greediest(Held::kRegions), 1U) << "not who has the largest connection";
  EXPECT_EQ(quota_.limit(Held::kRegions), 120U);
}

TEST_F(ClientQuotaTest, Who_holds_nothing_any_more_is_forgotten) {
  Hold unread = quota_.client(1).charge({{Held::kBytesUnread, 600}});
  EXPECT_EQ(quota_.greediest(Held::kBytesUnread), 1U);
  unread.change(Held::kBytesUnread, 0);
  EXPECT_FALSE(quota_.greediest(Held::kBytesUnread));
  EXPECT_THAT(quota_.charged_beyond(Held::kBytesUnread), IsEmpty());
}

TEST_F(ClientQuotaTest, Who_is_charged_beyond_his_share_is_named_until_he_is_within_it) {
  const auto client = quota_.client(1);
  Hold unread = client.charge({{Held::kBytesUnread, 500}});
  EXPECT_THAT(quota_.charged_beyond(Held::kBytesUnread), IsEmpty());
  unread.change(Held::kBytesUnread, 501);
  EXPECT_THAT(quota_.charged_beyond(Held::kBytesUnread), ElementsAre(1));
  unread.change(Held::kBytesUnread, 400);
  EXPECT_THAT(quota_.charged_beyond(Held::kBytesUnread), IsEmpty());
}

TEST_F(ClientQuotaTest, All_who_are_charged_beyond_their_shares_are_named) {
  const Hold first = quota_.client(1).charge({{Held::kBytesUnread, 501}});
  const Hold second = quota_.client(2).charge({{Held::kBytesUnread, 502}});
  EXPECT_THAT(quota_.charged_beyond(Held::kBytesUnread), ElementsAre(1, 2));
}

TEST_F(ClientQuotaTest, Who_has_more_than_his_share_because_others_came_keeps_it) {
  const Hold first = quota_.client(1).charge({{Held::kBytesUnread, 500}});
  const Hold second = quota_.client(2).charge({{Held::kBytesUnread, 250}});
  EXPECT_TRUE(quota_.is_beyond_share(1, Held::kBytesUnread));
  EXPECT_THAT(quota_.charged_beyond(Held::kBytesUnread), IsEmpty());
  EXPECT_EQ(quota_.greediest(Held::kBytesUnread), 1U);
}

TEST_F(ClientQuotaTest, In_the_way_of_a_user_is_only_who_has_more_of_what_he_lacks) {
  const Hold few = quota_.client(1).charge({{Held::kRegions, 30}, {Held::kDescriptors, 10}});
  EXPECT_FALSE(quota_.in_the_way_of(1, Held::kRegions));
  const Hold many = quota_.client(2).charge({{Held::kRegions, 60}, {Held::kDescriptors, 20}});
  EXPECT_EQ(quota_.in_the_way_of(1, Held::kRegions), 2U);
  EXPECT_FALSE(quota_.in_the_way_of(1, Held::kDescriptors)) << "there are more for him";
  EXPECT_FALSE(quota_.in_the_way_of(2, Held::kRegions));
}

TEST_F(ClientQuotaTest, Nobody_is_not_counted) {
  const ClientQuota::Client nobody;
  EXPECT_TRUE(nobody.take({{Held::kRegions, 1000}}));
  Hold hold = nobody.charge({{Held::kRegions, 1000}});
  hold.change(Held::kRegions, 2000);
  EXPECT_EQ(quota_.held(Held::kRegions), 0U);
  EXPECT_FALSE(quota_.greediest(Held::kRegions));
}

TEST(ClientLimits, A_quarter_of_the_descriptors_is_left_to_the_manager) {
  for (const std::size_t descriptors : {64U, 1024U, 20'000U, 524'288U}) {
    const ClientLimits limits = client_limits(Config{}, descriptors);
    EXPECT_LE(limits[Held::kDescriptors].together + limits[Held::kSlabs].together +
                  max_kept_slabs(descriptors),
              descriptors - descriptors / 4);
    EXPECT_LE(limits[Held::kConnections].together, descriptors / 2);
    EXPECT_LE(limits[Held::kRegions].together, 16'384U);
  }
}

}  // namespace
}  // namespace npu::manager
