#include "broker/fair_order.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace npu::broker {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kStart{};

std::vector<RequestId> drain(FairOrder& order, SteadyTime now = kStart, Duration cost = 1ms) {
  std::vector<RequestId> ids;
  while (const auto pick = order.next(now, false)) {
    ids.push_back(pick->id);
    order.began(*pick, cost);
  }
  return ids;
}

TEST(FairOrder, A_higher_class_goes_first) {
  FairOrder order(5s);
  order.add({1, {0, "a"}, Priority::kBatch, kStart});
  order.add({2, {0, "a"}, Priority::kInteractive, kStart});
  order.add({3, {0, "a"}, Priority::kRealtime, kStart});
  EXPECT_EQ(drain(order), (std::vector<RequestId>{3, 2, 1}));
}

TEST(FairOrder, A_request_that_waited_long_competes_with_the_next_class_and_then_the_next) {
  FairOrder order(5s);
  order.add({1, {0, "batch"}, Priority::kBatch, kStart});
  order.add({2, {0, "now"}, Priority::kInteractive, kStart + 5s});
  order.add({3, {0, "now"}, Priority::kRealtime, kStart + 5s});
  EXPECT_EQ(order.next(kStart + 5s, false)->id, 3u);
  EXPECT_EQ(order.next(kStart + 5s, false)->id, 2u);
  order.add({4, {0, "now"}, Priority::kRealtime, kStart + 9s});
  order.add({5, {0, "now"}, Priority::kInteractive, kStart + 9s});
  const auto lifted_twice = [&] {
    order.began({4, {0, "now"}, Priority::kRealtime}, 1s);
    return order.next(kStart + 10s, false);
  }();
  ASSERT_TRUE(lifted_twice);
  EXPECT_EQ(lifted_twice->id, 1u);
  EXPECT_EQ(lifted_twice->rank, Priority::kRealtime);
}

TEST(FairOrder, Before_its_time_a_batch_request_yields_to_every_interactive_one) {
  FairOrder order(5s);
  order.add({1, {0, "batch"}, Priority::kBatch, kStart});
  order.add({2, {0, "now"}, Priority::kInteractive, kStart + 4s});
  EXPECT_EQ(order.next(kStart + 5s - 1ns, false)->id, 2u);
}

TEST(FairOrder, Interrupted_work_goes_before_the_rest_of_its_class_but_not_of_a_higher_one) {
  FairOrder order(5s);
  order.add({1, {0, "a"}, Priority::kInteractive, kStart});
  order.add({2, {0, "a"}, Priority::kRealtime, kStart});
  order.add_front({5, {0, "b"}, Priority::kInteractive, kStart});
  order.add_front({4, {0, "b"}, Priority::kInteractive, kStart});
  EXPECT_EQ(drain(order), (std::vector<RequestId>{2, 4, 5, 1}));
}

TEST(FairOrder, A_client_with_many_requests_does_not_delay_another_ones_few) {
  FairOrder order(1h);
  for (RequestId id = 1; id <= 100; ++id)
    order.add({id, {0, "chatty"}, Priority::kInteractive, kStart});
  order.add({101, {0, "quiet"}, Priority::kInteractive, kStart});
  order.add({102, {0, "quiet"}, Priority::kInteractive, kStart});
  const auto ids = drain(order);
  EXPECT_LE(std::ranges::find(ids, 102u) - ids.begin(), 4);
}

TEST(FairOrder, Clients_share_device_time_not_numbers_of_requests) {
  FairOrder order(1h);
  for (RequestId id = 1; id <= 1000; ++id) {
    order.add({id, {0, id % 2 ? "long" : "short"}, Priority::kInteractive, kStart});
  }
  std::map<std::string, Duration> used;
  for (Duration total{}; total < 3s;) {
    const auto pick = order.next(kStart, false);
    ASSERT_TRUE(pick);
    const Duration cost = pick->party.client == "long" ? 300ms : 6ms;
    order.began(*pick, cost);
    used[pick->party.client] += cost;
    total += cost;
  }
  EXPECT_NEAR(static_cast<double>(used["short"] / 1ms), static_cast<double>(used["long"] / 1ms),
              310);
}

TEST(FairOrder, What_turned_out_longer_than_expected_is_paid_for_later) {
  FairOrder order(1h);
  for (RequestId id = 1; id <= 20; ++id) {
    order.add({id, {0, id % 2 ? "a" : "b"}, Priority::kInteractive, kStart});
  }
  const auto first = order.next(kStart, false);
  order.began(*first, 1ms);
  order.ended(*first, 99ms, kStart);
  for (int i = 0; i < 9; ++i) {
    const auto pick = order.next(kStart, false);
    EXPECT_NE(pick->party.client, first->party.client);
    order.began(*pick, 10ms);
  }
}

TEST(FairOrder, Leaving_and_coming_back_does_not_wipe_out_a_debt) {
  FairOrder order(1h);
  for (RequestId id = 10; id < 200; ++id)
    order.add({id, {0, "steady"}, Priority::kInteractive, kStart});
  Duration hog{};
  Duration steady{};
  RequestId next = 1000;
  order.add({next, {0, "hog"}, Priority::kInteractive, kStart});
  for (int i = 0; i < 150; ++i) {
    const auto pick = order.next(kStart, false);
    const bool is_hog = pick->party.client == "hog";
    order.began(*pick, is_hog ? 200ms : 10ms);
    (is_hog ? hog : steady) += is_hog ? 200ms : 10ms;
    if (is_hog) order.add({++next, {0, "hog"}, Priority::kInteractive, kStart});
  }
  EXPECT_LE(hog, steady + 210ms);
}

// Requests of each client that always has some, as the clients name themselves, in `time` of the
// device; one that has none on the lane is awaited. Costs are 10 ms.
std::map<std::string, int> served(FairOrder& order, const std::vector<Waiting>& clients, int runs) {
  std::map<std::string, int> count;
  SteadyTime now = kStart;
  RequestId id = 0;
  for (const Waiting& each : clients) {
    for (int i = 0; i < 3; ++i) order.add({++id, each.party, each.priority, now});
  }
  for (int i = 0; i < runs; ++i) {
    const auto pick = order.next(now, false);
    if (!pick) break;
    order.began(*pick, 10ms);
    now += 10ms;
    order.ended(*pick, 0ms, now);
    ++count[pick->party.client];
    const auto who = std::ranges::find_if(
        clients, [&](const Waiting& each) { return each.party.client == pick->party.client; });
    order.add({++id, who->party, who->priority, now});
  }
  return count;
}

std::vector<Waiting> names_of(std::uint32_t user, int names, Priority priority) {
  std::vector<Waiting> clients;
  for (int i = 0; i < names; ++i) {
    clients.push_back({0, {user, std::to_string(user) + ":" + std::to_string(i)}, priority, {}});
  }
  return clients;
}

TEST(FairOrder, Sixty_names_of_a_user_cost_another_one_as_much_as_one_name) {
  for (const int names : {1, 60}) {
    FairOrder order(1h);
    auto clients = names_of(7, names, Priority::kInteractive);
    clients.push_back({0, {8, "victim"}, Priority::kInteractive, {}});
    EXPECT_NEAR(served(order, clients, 400)["victim"], 200, 2) << names;
  }
}

TEST(FairOrder, Inside_a_user_the_names_share_equally) {
  FairOrder order(1h);
  auto clients = names_of(7, 4, Priority::kInteractive);
  clients.push_back({0, {8, "other"}, Priority::kInteractive, {}});
  auto count = served(order, clients, 800);
  for (const char* name : {"7:0", "7:1", "7:2", "7:3"}) EXPECT_NEAR(count[name], 100, 2) << name;
}

TEST(FairOrder, What_runs_take_by_chance_does_not_change_whose_turn_it_is) {
  FairOrder order(1h);
  RequestId id = 0;
  const auto names = names_of(7, 16, Priority::kInteractive);
  for (const Waiting& each : names) order.add({++id, each.party, each.priority, kStart});
  std::map<std::string, int> last;
  int longest = 0;
  for (int run = 0; run < 2000; ++run) {
    const auto pick = order.next(kStart, false);
    order.began(*pick, 50us);
    order.ended(*pick, run * 7919 % 23 * 1us, kStart);
    const auto before = std::exchange(last[pick->party.client], run);
    longest = std::max(longest, run - before);
    order.add({++id, pick->party, Priority::kInteractive, kStart});
  }
  EXPECT_LE(longest, 24);
}

TEST(FairOrder, Realtime_goes_first_up_to_its_users_share_and_then_as_an_equal) {
  FairOrder order(1h, 0.5);
  auto clients = names_of(7, 60, Priority::kRealtime);
  clients.push_back({0, {8, "victim"}, Priority::kInteractive, {}});
  EXPECT_NEAR(served(order, clients, 1000)["victim"], 500, 10);
}

TEST(FairOrder, A_small_share_still_is_an_equal_with_the_rest) {
  FairOrder order(1h, 0.1);
  auto clients = names_of(7, 2, Priority::kRealtime);
  clients.push_back({0, {8, "victim"}, Priority::kInteractive, {}});
  EXPECT_NEAR(served(order, clients, 1000)["victim"], 500, 10);
}

TEST(FairOrder, Several_users_of_realtime_together_leave_something_for_the_rest) {
  FairOrder order(1h, 0.5);
  auto clients = names_of(7, 1, Priority::kRealtime);
  clients.push_back({0, {8, "also"}, Priority::kRealtime, {}});
  clients.push_back({0, {9, "third"}, Priority::kRealtime, {}});
  clients.push_back({0, {10, "victim"}, Priority::kInteractive, {}});
  EXPECT_GE(served(order, clients, 1000)["victim"], 150);
}

TEST(FairOrder, Where_there_is_no_other_user_realtime_is_without_bound) {
  FairOrder order(1h, 0.1);
  auto clients = names_of(7, 1, Priority::kRealtime);
  clients.push_back({0, {7, "same user"}, Priority::kInteractive, {}});
  EXPECT_EQ(served(order, clients, 500)["same user"], 0);
}

TEST(FairOrder, A_camera_within_its_share_never_waits_for_interactive_work) {
  FairOrder order(1h, 0.5);
  RequestId id = 0;
  for (int i = 0; i < 500; ++i) order.add({++id, {8, "busy"}, Priority::kInteractive, kStart});
  SteadyTime now = kStart;
  for (int frame = 0; frame < 60; ++frame) {
    const RequestId camera = ++id;
    order.add({camera, {7, "camera"}, Priority::kRealtime, now});
    for (int i = 0; i < 3; ++i) {
      const auto pick = order.next(now, false);
      EXPECT_EQ(pick->id == camera, i == 0) << "frame " << frame;
      EXPECT_EQ(pick->rank, i == 0 ? Priority::kRealtime : Priority::kInteractive);
      order.began(*pick, 10ms);
      now += 10ms;
      order.ended(*pick, 0ms, now);
    }
  }
}

TEST(FairOrder, What_counts_as_realtime_by_age_is_bounded_like_the_rest) {
  FairOrder order(1s, 0.5);
  RequestId id = 0;
  for (int i = 0; i < 1000; ++i) order.add({++id, {7, "deep"}, Priority::kBatch, kStart});
  SteadyTime now = kStart + 10s;
  int victim = 0;
  order.add({++id, {8, "victim"}, Priority::kInteractive, now});
  for (int i = 0; i < 400; ++i) {
    const auto pick = order.next(now, false);
    order.began(*pick, 10ms);
    now += 10ms;
    order.ended(*pick, 0ms, now);
    if (pick->party.user != 8) continue;
    ++victim;
    order.add({++id, {8, "victim"}, Priority::kInteractive, now});
  }
  EXPECT_GE(victim, 150);
}

TEST(FairOrder, Nothing_runs_ahead_of_another_user_who_is_about_to_ask_again) {
  FairOrder order(1h);
  for (RequestId id = 1; id <= 4; ++id) order.add({id, {7, "greedy"}, Priority::kInteractive, {}});
  order.add({5, {8, "one by one"}, Priority::kInteractive, kStart});
  const auto greedy = order.next(kStart, false);
  order.began(*greedy, 10ms);
  const auto other = order.next(kStart, true);
  ASSERT_EQ(other->id, 5u);
  order.began(*other, 10ms);
  EXPECT_TRUE(order.next(kStart, true)) << "both are served";
  order.ended(*other, 0ms, kStart);
  EXPECT_FALSE(order.next(kStart, true));
  EXPECT_TRUE(order.next(kStart, false)) << "the lane is not left without work";
  order.add({6, {8, "one by one"}, Priority::kInteractive, kStart});
  EXPECT_EQ(order.next(kStart, true)->id, 6u);
  EXPECT_TRUE(order.next(kStart + UsersPresent::kComesBack, true)) << "he does not come back";
}

TEST(FairOrder, For_a_lower_class_nothing_is_held_back) {
  FairOrder order(1h);
  for (RequestId id = 1; id <= 4; ++id) order.add({id, {7, "greedy"}, Priority::kInteractive, {}});
  const Pick batch{5, {8, "batch"}, Priority::kBatch};
  order.began(batch, 10ms);
  order.ended(batch, 0ms, kStart);
  order.began(*order.next(kStart, false), 10ms);
  EXPECT_TRUE(order.next(kStart, true));
}

TEST(FairOrder, Names_that_come_and_go_do_not_keep_an_old_one_waiting) {
  FairOrder order(1h);
  order.add({1, {7, "old"}, Priority::kInteractive, kStart});
  order.began({0, {7, "old"}, Priority::kInteractive}, 10ms);
  RequestId id = 1;
  for (int i = 0; i < 20; ++i) {
    order.add({++id, {7, "new " + std::to_string(i)}, Priority::kInteractive, kStart});
    const auto pick = order.next(kStart, false);
    if (pick->id == 1) return;
    order.began(*pick, 10ms);
  }
  ADD_FAILURE() << "it still waits";
}

TEST(FairOrder, A_removed_request_is_never_picked) {
  FairOrder order(5s);
  for (RequestId id = 1; id <= 6; ++id) {
    order.add({id, {0, "a"}, static_cast<Priority>(id % 3), kStart});
  }
  order.add_front({7, {0, "a"}, Priority::kBatch, kStart});
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
  for (RequestId id = 1; id <= 3; ++id) order.add({id, {0, "a"}, Priority::kInteractive, kStart});
  const auto pick = order.next(kStart, false);
  order.add({pick->id, {0, "a"}, Priority::kInteractive, kStart});
  EXPECT_EQ(drain(order), (std::vector<RequestId>{1, 2, 3}));
}

}  // namespace
}  // namespace npu::broker
