// What a client is told without having asked, and how a session ends.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "manager/clients/session.hpp"
#include "manager/clients/session_client_test_support.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

class SessionEndTest : public SessionFixture {
 protected:
  SessionClient client_{host_};
};

TEST_F(SessionEndTest, A_manager_that_stops_answers_what_was_asked_and_takes_nothing_more) {
  SessionClient idle(host_);
  client_.hello({"pipeline"});
  client_.send(infer("a"));
  idle.session().finish();
  EXPECT_TRUE(idle.is_hung_up());
  client_.session().finish();
  client_.send(infer("b"));
  EXPECT_EQ(host_.submitted.size(), 1U);
  ASSERT_TRUE(client_.is_served());
  host_.complete(1, inferred(1));
  EXPECT_EQ(client_.reply().at("request_id"), "a");
  EXPECT_TRUE(client_.is_hung_up());
}

TEST_F(SessionEndTest, A_manager_that_stops_waits_until_its_reply_was_taken) {
  client_.send(infer(""));
  client_.session().finish();
  host_.complete(1, inferred(json::string(std::size_t{1} << 20, 'x')));
  ASSERT_TRUE(client_.is_served()) << "a socket does not hold so much";
  EXPECT_EQ(client_.reply().at("result").as_string().size(), std::size_t{1} << 20);
  EXPECT_TRUE(client_.is_hung_up());
}

TEST_F(SessionEndTest, Of_who_leaves_the_manager_is_told_and_what_it_asked_for_ends_unheard) {
  const std::weak_ptr<Session> session = client_.session().weak_from_this();
  client_.send(infer(""));
  auto with_the_worker = host_.submitted.at(0).work;
  client_.leave();
  EXPECT_EQ(host_.gone, std::vector<broker::ConnectionId>{client_.id()});
  EXPECT_TRUE(session.expired());
  host_.complete(1, inferred(1));
  EXPECT_EQ(host_.quota.held(Held::kConnections), 0U);
}

TEST_F(SessionEndTest, Who_only_stops_sending_still_gets_its_answers) {
  client_.send(infer(""));
  client_.stop_sending();
  host_.run();
  ASSERT_TRUE(client_.is_served());
  host_.complete(1, inferred(1));
  EXPECT_EQ(client_.reply().at("result"), 1);
  EXPECT_TRUE(client_.is_hung_up());
}

TEST_F(SessionEndTest, An_outcome_that_comes_twice_is_told_once) {
  client_.send(infer(""));
  host_.complete(1, inferred(1));
  host_.complete(1, inferred(2));
  EXPECT_EQ(client_.reply().at("result"), 1);
  EXPECT_FALSE(client_.next());
  EXPECT_EQ(client_.session().in_flight(), 0U);
}

class SessionEventsTest : public SessionFixture {
 protected:
  const json::object device_{{"event", "device"}, {"state", "ready"}};
  const json::object model_{{"event", "model"}, {"state", "loaded"}};
};

TEST_F(SessionEventsTest, Who_asks_for_events_is_subscribed_once_the_hello_is_answered) {
  SessionClient silent(host_);
  silent.hello({"pipeline"});
  EXPECT_TRUE(host_.subscribed.empty());
  SessionClient client(host_);
  client.hello({"events"});
  EXPECT_EQ(host_.subscribed, std::vector<Session*>{&client.session()});
  client.session().announce_device(device_);
  client.session().announce_model("m", model_);
  EXPECT_EQ(client.reply(), device_);
  EXPECT_EQ(client.reply(), model_);
}

TEST_F(SessionEventsTest, Who_names_events_is_told_of_these_only) {
  SessionClient client(host_);
  client.hello({"events"}, {{"events", {"model", "weather"}}});
  client.session().announce_device(device_);
  client.session().announce_model("m", model_);
  EXPECT_EQ(client.reply(), model_);
  EXPECT_FALSE(client.next());
}

TEST_F(SessionEventsTest, Only_administrators_watch_requests_and_only_where_they_want_to) {
  SessionClient user(host_);
  user.hello({"events"}, {{"events", {"request"}}});
  EXPECT_FALSE(user.session().watches_requests());
  SessionClient admin(host_, {.administrator = true});
  admin.hello({"events"});
  EXPECT_TRUE(admin.session().watches_requests());
  SessionClient uncurious(host_, {.administrator = true});
  uncurious.hello({"events"}, {{"events", {"device"}}});
  EXPECT_FALSE(uncurious.session().watches_requests());
}

TEST_F(SessionEventsTest, Who_does_not_read_is_told_the_latest_when_it_does) {
  SessionClient client(host_);
  client.hello({"events"});
  const auto state = [](int number) {
    return json::object{{"n", number}, {"filler", std::string(64 << 10, 'x')}};
  };
  for (int i = 0; i < 50; ++i) client.session().announce_model("m", state(i));
  int frames = 0;
  json::value last;
  while (const auto frame = client.next()) {
    ++frames;
    last = frame->at("n");
  }
  EXPECT_EQ(last, 49);
  EXPECT_LT(frames, 10) << "of the others those that the socket took";
}

}  // namespace
}  // namespace npu::manager
