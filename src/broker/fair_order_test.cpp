#include "broker/fair_order.hpp"

#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace npu::broker {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kStart{};

std::vector<RequestId> drain(FairOrder& order, SteadyTime now = kStart, Duration cost = 1ms) {
  std::vector<RequestId> ids;
  while (const auto pick = order.next(now)) {
    ids.push_back(pick->id);
    order.charge(*pick, cost);
  }
  return ids;
}

TEST(FairOrder, A_higher_class_goes_first) {
  FairOrder order(5s);
  order.add({1, "a", Priority::kBatch, kStart});
  order.add({2, "a", Priority::kInteractive, kStart});
  order.add({3, "a", Priority::kRealtime, kStart});
  EXPECT_EQ(drain(order), (std::vector<RequestId>{3, 2, 1}));
}

TEST(FairOrder, A_request_that_waited_long_competes_with_the_next_class_and_then_the_next) {
  FairOrder order(5s);
  order.add({1, "batch", Priority::kBatch, kStart});
  order.add({2, "now", Priority::kInteractive, kStart + 5s});
  order.add({3, "now", Priority::kRealtime, kStart + 5s});
  EXPECT_EQ(order.next(kStart + 5s)->id, 3u);
  EXPECT_EQ(order.next(kStart + 5s)->id, 2u);
  order.add({4, "now", Priority::kRealtime, kStart + 9s});
  order.add({5, "now", Priority::kInteractive, kStart + 9s});
  const auto lifted_twice = [&] {
    order.charge({4, "now", Priority::kRealtime}, 1s);
    return order.next(kStart + 10s);
  }();
  ASSERT_TRUE(lifted_twice);
  EXPECT_EQ(lifted_twice->id, 1u);
  EXPECT_EQ(lifted_twice->rank, Priority::kRealtime);
}

TEST(FairOrder, Before_its_time_a_batch_request_yields_to_every_interactive_one) {
  FairOrder order(5s);
  order.add({1, "batch", Priority::kBatch, kStart});
  order.add({2, "now", Priority::kInteractive, kStart + 4s});
  EXPECT_EQ(order.next(kStart + 5s - 1ns)->id, 2u);
}

TEST(FairOrder, Interrupted_work_goes_before_the_rest_of_its_class_but_not_of_a_higher_one) {
  FairOrder order(5s);
  order.add({1, "a", Priority::kInteractive, kStart});
  order.add({2, "a", Priority::kRealtime, kStart});
  order.add_front({5, "b", Priority::kInteractive, kStart});
  order.add_front({4, "b", Priority::kInteractive, kStart});
  EXPECT_EQ(drain(order), (std::vector<RequestId>{2, 4, 5, 1}));
}

TEST(FairOrder, A_client_with_many_requests_does_not_delay_another_ones_few) {
  FairOrder order(1h, 1ms);
  for (RequestId id = 1; id <= 100; ++id) order.add({id, "chatty", Priority::kInteractive, kStart});
  order.add({101, "quiet", Priority::kInteractive, kStart});
  order.add({102, "quiet", Priority::kInteractive, kStart});
  const auto ids = drain(order);
  EXPECT_LE(std::ranges::find(ids, 102u) - ids.begin(), 4);
}

TEST(FairOrder, Clients_share_device_time_not_numbers_of_requests) {
  FairOrder order(1h, 10ms);
  for (RequestId id = 1; id <= 1000; ++id) {
    order.add({id, id % 2 ? "long" : "short", Priority::kInteractive, kStart});
  }
  std::map<std::string, Duration> used;
  for (Duration total{}; total < 3s;) {
    const auto pick = order.next(kStart);
    ASSERT_TRUE(pick);
    const Duration cost = pick->client == "long" ? 300ms : 6ms;
    order.charge(*pick, cost);
    used[pick->client] += cost;
    total += cost;
  }
  EXPECT_NEAR(static_cast<double>(used["short"] / 1ms), static_cast<double>(used["long"] / 1ms),
              310);
}

TEST(FairOrder, What_turned_out_longer_than_expected_is_paid_for_later) {
  FairOrder order(1h, 10ms);
  for (RequestId id = 1; id <= 20; ++id) {
    order.add({id, id % 2 ? "a" : "b", Priority::kInteractive, kStart});
  }
  const auto first = order.next(kStart);
  order.charge(*first, 1ms);
  order.charge(*first, 99ms);
  for (int i = 0; i < 9; ++i) {
    const auto pick = order.next(kStart);
    EXPECT_NE(pick->client, first->client);
    order.charge(*pick, 10ms);
  }
}

TEST(FairOrder, Leaving_and_coming_back_does_not_wipe_out_a_debt) {
  FairOrder order(1h, 10ms);
  for (RequestId id = 10; id < 200; ++id) order.add({id, "steady", Priority::kInteractive, kStart});
  Duration hog{};
  Duration steady{};
  RequestId next = 1000;
  order.add({next, "hog", Priority::kInteractive, kStart});
  for (int i = 0; i < 150; ++i) {
    const auto pick = order.next(kStart);
    const bool is_hog = pick->client == "hog";
    order.charge(*pick, is_hog ? 200ms : 10ms);
    (is_hog ? hog : steady) += is_hog ? 200ms : 10ms;
    if (is_hog) order.add({++next, "hog", Priority::kInteractive, kStart});
  }
  EXPECT_LE(hog, steady + 210ms);
}

TEST(FairOrder, A_removed_request_is_never_picked) {
  FairOrder order(5s);
  for (RequestId id = 1; id <= 6; ++id) {
    order.add({id, "a", static_cast<Priority>(id % 3), kStart});
  }
  order.add_front({7, "a", Priority::kBatch, kStart});
  EXPECT_TRUE(order.remove(2));
  EXPECT_TRUE(order.remove(7));
  EXPECT_FALSE(order.remove(7));
  EXPECT_FALSE(order.remove(99));
  EXPECT_EQ(order.size(), 5u);
  const auto ids = drain(order, kStart + 20s);
  EXPECT_EQ(ids.size(), 5u);
  EXPECT_EQ(std::ranges::count(ids, 2u) + std::ranges::count(ids, 7u), 0);
}

TEST(FairOrder, A_request_put_back_keeps_its_place_among_its_clients_requests) {
  FairOrder order(5s);
  for (RequestId id = 1; id <= 3; ++id) order.add({id, "a", Priority::kInteractive, kStart});
  const auto pick = order.next(kStart);
  order.add({pick->id, "a", Priority::kInteractive, kStart});
  EXPECT_EQ(drain(order), (std::vector<RequestId>{1, 2, 3}));
}

}  // namespace
}  // namespace npu::broker
