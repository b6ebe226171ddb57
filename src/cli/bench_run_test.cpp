#include "cli/bench_run.hpp"

#include <gtest/gtest.h>

#include "fakes/fake_manager.hpp"

namespace npu::cli {
namespace {

using fakes::FakeConnection;
using fakes::FakeManager;
using fakes::FakeRequest;

BenchPlan plan_for(const FakeManager& manager) {
  BenchPlan plan;
  plan.client.socket_path = manager.path();
  plan.client.connect_patience = Millis{0};
  plan.model = {"/m", "depth"};
  plan.shape = {100, 100, 3};
  plan.requests = 10;
  return plan;
}

TEST(Bench, Every_transport_is_the_one_that_was_asked_for) {
  FakeManager manager({.granted = {"shm", "tail", "pipeline"}});
  std::vector<std::string> places;
  manager.always([&](FakeConnection& peer) {
    // A version 1 client says no hello: its first frame is a request.
    auto first = peer.next();
    const auto handle = [&](const FakeRequest& request) {
      const auto& tensor = request.body.at("input_data").at("input").as_object();
      for (const auto* place : {"region", "tail", "data_b64"}) {
        if (tensor.contains(place)) places.emplace_back(place);
      }
      peer.reply(request, {{"result", 1}});
    };
    if (first->action() != "hello") {
      handle(*first);
    } else {
      const auto wanted = first->body.at("features").as_array();
      const bool tail = std::ranges::count(wanted, boost::json::value("tail")) > 0;
      EXPECT_FALSE(tail && std::ranges::count(wanted, boost::json::value("shm")) > 0);
      peer.grant(*first);
    }
    while (auto request = peer.next()) {
      if (request->action() == "shm_register") {
        peer.accept_region(*request);
      } else {
        handle(*request);
      }
    }
  });
  for (const auto transport : {Transport::kShm, Transport::kTail, Transport::kVersion1}) {
    const auto result = run_bench(plan_for(manager), transport);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->milliseconds.size(), 10U);
    EXPECT_TRUE(std::ranges::is_sorted(result->milliseconds));
  }
  manager.stop();
  EXPECT_EQ(std::ranges::count(places, "region"), 11);
  EXPECT_EQ(std::ranges::count(places, "tail"), 11);
  EXPECT_EQ(std::ranges::count(places, "data_b64"), 11);
}

TEST(Bench, A_transport_that_is_not_granted_is_not_measured_as_another) {
  FakeManager manager({.granted = {"tail"}});
  manager.always([](FakeConnection& peer) {
    peer.serve([](auto& self, auto& request) { self.echo(request); });
  });
  const auto result = run_bench(plan_for(manager), Transport::kShm);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnsupported);
}

TEST(Bench, An_error_of_the_manager_ends_it) {
  FakeManager manager({.granted = {"tail"}});
  manager.always([](FakeConnection& peer) {
    peer.serve([](auto& self, auto& request) {
      self.refuse(request, "not_found", "Model file not found: /m");
    });
  });
  auto plan = plan_for(manager);
  const auto result = run_bench(plan, Transport::kTail);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
}

TEST(Bench, Transports_have_names) {
  for (const auto* name : {"shm", "tail", "v1"})
    EXPECT_EQ(name_of(*transport_from_name(name)), name);
  EXPECT_FALSE(transport_from_name("carrier pigeon"));
}

}  // namespace
}  // namespace npu::cli
