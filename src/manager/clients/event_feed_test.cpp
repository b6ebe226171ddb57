#include "manager/clients/event_feed.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "manager/clients/session_client_test_support.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

using namespace std::chrono_literals;

class EventFeedTest : public SessionFixture {
 protected:
  static broker::ModelSpec model_at(std::string path) {
    broker::ModelSpec model;
    model.key = "depth:" + path;
    model.type = "depth";
    model.path = std::move(path);
    return model;
  }
  static json::object told_of(std::string_view path, std::string_view state) {
    return {{"event", "model"}, {"state", state}, {"model_type", "depth"}, {"model_path", path}};
  }
  void add(SessionClient& client, const std::vector<broker::ModelStatus>& models = {}) {
    client.hello({"events"});
    feed_.add(client.session(), ready_, models);
  }

  const json::object ready_ = device_event("sim:0", std::nullopt);
  const json::object broken_ = device_event("sim:0", "it hangs");
  EventFeed feed_;
  SessionClient client_{host_};
  SessionClient admin_{host_, {.administrator = true}};
};

TEST_F(EventFeedTest, A_device_is_ready_or_there_is_a_reason) {
  EXPECT_EQ(ready_,
            json::object({{"event", "device"}, {"state", "ready"}, {"device_id", "sim:0"}}));
  EXPECT_EQ(broken_,
            json::object({{"event", "device"}, {"state", "unavailable"}, {"reason", "it hangs"}}));
  EXPECT_EQ(device_event(std::nullopt, "no chip").at("reason"), "no chip");
  EXPECT_EQ(device_event(std::nullopt, std::nullopt).at("reason"), "the device is being opened");
}

TEST_F(EventFeedTest, Who_comes_is_told_how_things_stand) {
  EXPECT_TRUE(feed_.empty());
  add(client_, {{.model = model_at("/a")}, {.model = model_at("/b")}});
  EXPECT_FALSE(feed_.empty());
  EXPECT_EQ(client_.reply(), ready_);
  EXPECT_EQ(client_.reply(), told_of("/a", "loaded"));
  EXPECT_EQ(client_.reply(), told_of("/b", "loaded"));
  EXPECT_FALSE(client_.next());
}

TEST_F(EventFeedTest, All_are_told_of_the_device_when_it_is_another_than_they_know) {
  add(client_);
  EXPECT_EQ(client_.reply(), ready_);
  feed_.device(ready_);
  EXPECT_FALSE(client_.next()) << "which they know";
  feed_.device(broken_);
  EXPECT_EQ(client_.reply(), broken_);
  add(admin_);
  EXPECT_EQ(admin_.reply(), ready_);
  EXPECT_EQ(client_.reply(), ready_) << "which was found out as another came";
  EXPECT_FALSE(admin_.next()) << "once is enough";
}

TEST_F(EventFeedTest, Models_come_and_go) {
  add(client_);
  EXPECT_EQ(client_.reply(), ready_);
  feed_.model(model_at("/a"), true);
  feed_.model(model_at("/a"), false);
  EXPECT_EQ(client_.reply(), told_of("/a", "loaded"));
  EXPECT_EQ(client_.reply(), told_of("/a", "unloaded"));
}

TEST_F(EventFeedTest, The_life_of_a_request_is_for_administrators) {
  add(client_);
  add(admin_);
  EXPECT_EQ(client_.reply(), ready_);
  EXPECT_EQ(admin_.reply(), ready_);
  broker::Request request;
  request.client = "1000:cam";
  request.kind = broker::RequestKind::kLoad;
  request.model = model_at("/a");
  request.model.lane = Lane::kSpeech;
  feed_.step("queued", 7, request, WallTime{} + 1500ms);
  json::object told{
      {"event", "request"}, {"state", "queued"},    {"request", 7},          {"at", 1.5},
      {"kind", "load"},     {"client", "1000:cam"}, {"model_type", "depth"}, {"model_path", "/a"},
      {"lane", "speech"}};
  EXPECT_EQ(admin_.reply(), told);

  broker::Outcome outcome{.queued = 1ms, .loading = 2500us, .running = 3ms};
  feed_.step("ended", 7, request, WallTime{} + 2s, &outcome);
  told["state"] = "ended";
  told["at"] = 2.0;
  told["code"] = "ok";
  told["queued_ms"] = 1.0;
  told["loading_ms"] = 2.5;
  told["running_ms"] = 3.0;
  EXPECT_EQ(admin_.reply(), told);

  outcome.status = fail(ErrorCode::kCancelled, "cancelled");
  request.kind = broker::RequestKind::kUnload;
  feed_.step("ended", 8, request, WallTime{}, &outcome);
  const auto cancelled = admin_.reply();
  EXPECT_EQ(cancelled.at("code"), "cancelled");
  EXPECT_EQ(cancelled.at("kind"), "unload");
  EXPECT_FALSE(client_.next());
}

TEST_F(EventFeedTest, Who_has_gone_is_told_nothing) {
  add(client_);
  add(admin_);
  feed_.remove(client_.session());
  feed_.remove(admin_.session());
  EXPECT_TRUE(feed_.empty());
  client_.leave();
  admin_.leave();
  feed_.device(broken_);
  feed_.model(model_at("/a"), true);
  feed_.step("queued", 7, {}, WallTime{});
}

}  // namespace
}  // namespace npu::manager
