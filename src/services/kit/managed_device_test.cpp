// What the manager tells by itself, and what a kept model makes of it. All pauses are an hour where
// the test does not say otherwise, so what is noticed is noticed without them.
#include "services/kit/managed_device.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/fake_manager.hpp"
#include "services/kit/managed_network.hpp"
#include "services/kit/model_keeper.hpp"

namespace npu::kit {
namespace {

using bj_object = boost::json::object;
using fakes::FakeConnection;
using fakes::FakeManager;
using fakes::FakeRequest;

constexpr Millis kHour = std::chrono::hours(1);
constexpr Millis kSoon{1};

bj_object model_told(std::string_view state, std::string_view path = "/models/net.hef") {
  return {{"event", "model"}, {"state", state}, {"model_type", "depth"}, {"model_path", path}};
}

// What the manager says to each request, on its own thread.
struct Manager {
  int evictions = 0;
  bool holds_model = false;
  boost::json::value broken = nullptr;
  std::function<void(FakeConnection&)> after_look;
  std::function<bool(FakeConnection&, const FakeRequest&)> at_load;  // true: it has answered
  std::atomic<int> looks = 0;
  std::atomic<int> loads = 0;
  std::atomic<int> pings = 0;
  std::atomic<bool> answers_pings = true;

  void answer(FakeConnection& peer, const FakeRequest& request) {
    if (request.action() == "load_model") {
      ++loads;
      if (at_load && at_load(peer, request)) return;
      holds_model = true;
      peer.reply(request, {{"model_info", {{"input_shape", {4, 4, 3}}}}});
    } else if (request.action() == "status") {
      ++looks;
      boost::json::array models;
      if (holds_model)
        models.push_back({{"model_type", "depth"}, {"model_path", "/models/net.hef"}});
      peer.reply(request, {{"loaded_models", models},
                           {"total_lru_evictions", evictions},
                           {"runtime_broken_reason", broken}});
      if (after_look) after_look(peer);
    } else if (request.action() == "ping") {
      ++pings;
      if (answers_pings) peer.reply(request);
    } else {
      peer.reply(request);
    }
  }
};

class ManagedDeviceTest : public ::testing::Test {
 protected:
  static constexpr WatchPauses kNever{.heartbeat = kHour, .answer = kHour, .look = kHour};

  // A manager that grants `events`, or one that knows nothing of them.
  void serve(bool tells = true) {
    fake_ = std::make_unique<FakeManager>(fakes::FakeOptions{
        .granted = {"pipeline", tells ? "events" : "cancel"}, .knows_hello = tells});
    fake_->always([this](FakeConnection& peer) {
      peer.serve(
          [this](FakeConnection& to, const FakeRequest& what) { manager_.answer(to, what); });
    });
  }

  void keep(WatchPauses pauses = kNever) {
    device_ = std::make_shared<ManagedDevice>(
        io_.get_executor(),
        ClientOptions{.socket_path = fake_->path(), .connect_patience = Millis(0)}, pauses);
    ModelRules rules{.type = "depth", .name = "net", .path = "/models/net.hef"};
    model_ = std::make_unique<Model>("net", std::make_unique<ManagedNetwork>(device_, rules));
    keeper_ = std::make_unique<ModelKeeper>(
        *model_, condition_, io_.get_executor(),
        KeeperPauses{.first = kHour, .longest = kHour, .least = kSoon});
    device_->watch([this] { keeper_->look(); });
    boost::asio::co_spawn(io_, keeper_->run(), [](const std::exception_ptr&) {});
    boost::asio::co_spawn(io_, device_->keep_watching(), [](const std::exception_ptr&) {});
  }

  template <class Predicate>
  void run_until(Predicate holds) {
    while (!holds()) io_.run_one_for(Millis(20));
  }
  void run_until_ready() {
    run_until([this] { return condition_.ready(); });
  }
  // Why not.
  std::string run_until_not_ready() {
    run_until([this] { return !condition_.ready(); });
    return condition_.reason() + ": " + condition_.detail();
  }

  Manager manager_;
  std::unique_ptr<FakeManager> fake_;
  boost::asio::io_context io_;
  http::Condition condition_{"model"};
  std::shared_ptr<ManagedDevice> device_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<ModelKeeper> keeper_;
};

TEST_F(ManagedDeviceTest, A_model_that_somebody_unloads_is_loaded_again) {
  manager_.after_look = [this](FakeConnection& peer) {
    if (manager_.looks > 1) return;
    manager_.holds_model = false;
    peer.send_message(model_told("unloaded"));
  };
  serve();
  keep();
  run_until_ready();
  EXPECT_EQ(run_until_not_ready(), "model_loading: the device manager has unloaded the model");
  run_until_ready();
  EXPECT_EQ(manager_.loads, 2);
}

TEST_F(ManagedDeviceTest, One_that_is_evicted_waits_for_a_request) {
  manager_.after_look = [this](FakeConnection& peer) {
    if (manager_.looks > 1) return;
    manager_.holds_model = false;
    ++manager_.evictions;
    peer.send_message(model_told("unloaded"));
  };
  serve();
  keep();
  run_until([this] { return manager_.looks == 2; });
  run_until_ready();
  io_.run_for(Millis(5));
  EXPECT_TRUE(condition_.ready());
  EXPECT_EQ(manager_.loads, 1);
}

TEST_F(ManagedDeviceTest, A_lost_device_ends_being_ready_until_it_is_back) {
  manager_.after_look = [this](FakeConnection& peer) {
    if (manager_.looks > 1) return;
    manager_.holds_model = false;
    manager_.broken = "no chip answers";
    peer.send_message(
        {{"event", "device"}, {"state", "unavailable"}, {"reason", "no chip answers"}});
  };
  manager_.at_load = [this](FakeConnection& peer, const FakeRequest& request) {
    if (manager_.loads != 2) return false;
    peer.refuse(request, "device_lost", "no chip answers");
    manager_.broken = nullptr;
    peer.send_message({{"event", "device"}, {"state", "ready"}, {"device_id", "0"}});
    return true;
  };
  serve();
  keep();
  run_until_ready();
  EXPECT_EQ(run_until_not_ready(), "device_unavailable: no chip answers");
  run_until_ready();
  EXPECT_EQ(manager_.loads, 3);
}

TEST_F(ManagedDeviceTest, A_manager_that_goes_ends_being_ready_until_it_is_back) {
  serve();
  keep();
  run_until_ready();
  run_until([this] { return manager_.looks == 1; });
  fake_->stop();
  EXPECT_THAT(run_until_not_ready(), testing::StartsWith("manager_unavailable: "));
  run_until([this] { return condition_.detail().starts_with("no device manager at"); });
  io_.run_for(Millis(5));  // nor is there one to load it
  fake_->start();
  run_until_ready();
  EXPECT_EQ(manager_.loads, 2);
}

TEST_F(ManagedDeviceTest, That_many_models_have_changed_is_one_reason_to_look) {
  manager_.after_look = [this](FakeConnection& peer) {
    if (manager_.looks == 1) {
      peer.send_message(model_told("loaded"));
      peer.send_message({{"event", "models"}, {"state", "changed"}});
    } else if (manager_.looks == 2) {
      manager_.holds_model = false;
      peer.send_message({{"event", "models"}, {"state", "changed"}});
    }
  };
  serve();
  keep();
  run_until_ready();
  EXPECT_EQ(run_until_not_ready(), "model_loading: the device manager has unloaded the model");
  EXPECT_EQ(manager_.looks, 3);
}

TEST_F(ManagedDeviceTest, A_manager_that_hangs_is_asked_whether_it_does) {
  serve();
  keep({.heartbeat = kSoon, .answer = Millis(100), .look = kHour});
  run_until([this] { return condition_.ready() && manager_.looks == 1; });
  manager_.answers_pings = false;  // not before: a loss during the load is none of what is loaded
  EXPECT_EQ(run_until_not_ready(), "manager_unavailable: the device manager does not answer");
  // That it goes on hanging is nothing new.
  run_until_ready();
  const int pings = manager_.pings;
  run_until([&] { return manager_.pings > pings + 3; });
  EXPECT_EQ(device_->losses(), 1U);
}

TEST_F(ManagedDeviceTest, One_that_is_too_old_to_tell_is_asked_now_and_then) {
  manager_.after_look = [this](FakeConnection&) { manager_.holds_model = manager_.looks < 3; };
  serve(false);
  keep({.heartbeat = kHour, .answer = kHour, .look = kSoon});
  run_until_ready();
  EXPECT_EQ(run_until_not_ready(), "model_loading: the device manager has unloaded the model");
  run_until_ready();
  EXPECT_EQ(manager_.pings, 0);
}

}  // namespace
}  // namespace npu::kit
