// What a session takes no more of for a while: of who is refused again and again, of who does not
// read; and what it does elsewhere, so that others need not wait.
#include "manager/clients/session.hpp"

#include <memory>
#include <semaphore>
#include <string>

#include <gtest/gtest.h>

#include "manager/clients/session_client_test_support.hpp"
#include "manager/models/model_table.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

class SessionFlowTest : public SessionFixture {
 protected:
  // While one of these lives the codec pool does nothing for the user of the clients.
  class CodecHeldUp {
   public:
    explicit CodecHeldUp(FakeSessionHost& host) : host_(host) {
      host.codec().run(
          SessionClient::kUser, std::make_unique<int>(), [this](int&) { free_.acquire(); },
          [this](std::unique_ptr<int>) { ended_ = true; });
    }
    ~CodecHeldUp() {
      free_.release();
      host_.run_until([this] { return ended_; });
    }
    CodecHeldUp(const CodecHeldUp&) = delete;
    CodecHeldUp& operator=(const CodecHeldUp&) = delete;

   private:
    FakeSessionHost& host_;
    std::binary_semaphore free_{0};
    bool ended_ = false;
  };

  void refuse(SessionClient& client, int count) {
    host_.refusal = Error{ErrorCode::kOverloaded, "full", Millis(40)};
    for (int i = 0; i < count; ++i) client.send(infer("r" + std::to_string(i)));
  }
  // His next refusal waits for seconds.
  void use_up_quick_refusals() {
    Duration wait{};
    while (wait < RefusalPace::kLongest) {
      wait = host_.refusals().time_to_keep(SessionClient::kUser, host_.time.now());
    }
  }
  static int count_replies(SessionClient& client) {
    int count = 0;
    while (client.next()) ++count;
    return count;
  }
  // The next reply, however long a codec thread takes.
  json::object reply_in_time(SessionClient& client) {
    std::optional<json::object> reply;
    host_.run_until([&] {
      reply = client.next();
      return reply.has_value();
    });
    return reply.value_or(json::object());
  }

  SessionClient client_{host_};
};

TEST_F(SessionFlowTest, Who_goes_on_being_refused_is_told_in_the_end) {
  host_.settings.max_in_flight = 1000;
  client_.hello({"pipeline"});
  constexpr int kRefused = RefusalPace::kQuick + 3;
  refuse(client_, kRefused);
  for (int i = 0; i < kRefused; ++i) {
    EXPECT_EQ(reply_in_time(client_), json::object({{"error", "full"},
                                                    {"code", "overloaded"},
                                                    {"retry_after_ms", 40},
                                                    {"request_id", "r" + std::to_string(i)}}));
  }
}

TEST_F(SessionFlowTest, A_refusal_that_waits_holds_up_nothing_else) {
  use_up_quick_refusals();
  client_.hello({"pipeline"});
  refuse(client_, 2);
  EXPECT_EQ(client_.ask(infer("bad", {{"timeout_ms", 0}})).at("request_id"), "bad");
  host_.refusal.reset();
  client_.send(infer("good"));
  host_.complete(1, inferred(1));
  EXPECT_EQ(client_.reply().at("request_id"), "good");
  EXPECT_FALSE(client_.next());
}

TEST_F(SessionFlowTest, A_refusal_that_waits_is_in_flight) {
  use_up_quick_refusals();
  host_.settings.max_in_flight = 2;
  client_.hello({"pipeline"});
  refuse(client_, 2);
  client_.send({{"action", "ping"}});
  EXPECT_FALSE(client_.next());
  EXPECT_EQ(host_.statuses, 0);
  client_.session().finish();
  EXPECT_EQ(client_.reply().at("request_id"), "r0") << "who stops keeps nobody waiting";
  EXPECT_EQ(client_.reply().at("request_id"), "r1");
  EXPECT_TRUE(client_.is_hung_up());
}

TEST_F(SessionFlowTest, Nothing_more_is_taken_of_who_leaves_four_megabytes_unread) {
  client_.hello({"pipeline"});
  host_.status_body["filler"] = std::string(kMiB, 'x');
  for (int i = 0; i < 10; ++i) client_.send({{"action", "ping"}});
  EXPECT_GE(host_.statuses, 4);
  EXPECT_LE(host_.statuses, 6) << "a socket takes a little of it";
  EXPECT_EQ(count_replies(client_), 10);
  EXPECT_EQ(host_.statuses, 10);
}

TEST_F(SessionFlowTest, Nothing_more_is_taken_where_replies_could_come_to_too_much) {
  client_.hello({"pipeline"});
  host_.status_body["filler"] = std::string(16 * kMiB, 'x');
  EXPECT_TRUE(client_.ask({{"action", "ping"}}).contains("filler"));
  for (int i = 0; i < 6; ++i) client_.send(infer(std::to_string(i)));
  EXPECT_EQ(host_.submitted.size(), 4U) << "four of 16 MiB are 64";
}

TEST_F(SessionFlowTest, A_long_text_is_read_elsewhere_and_keeps_its_place_in_the_row) {
  {
    const CodecHeldUp busy(host_);
    client_.send(infer("", {{"input_data", {{"text", std::string(kInlineJson, 'x')}}}}));
    client_.send({{"action", "ping"}});
    EXPECT_TRUE(host_.submitted.empty());
    EXPECT_EQ(host_.statuses, 0);
    SessionClient other(host_);
    EXPECT_EQ(other.ask({{"action", "ping"}}).at("status"), "ok") << "others do not wait for it";
  }
  host_.run_until([&] { return !host_.submitted.empty(); });
  EXPECT_EQ(host_.submitted[0].work->input.size(), kInlineJson + 11);
  host_.complete(1, inferred(1));
  EXPECT_TRUE(client_.reply().contains("result"));
  EXPECT_EQ(client_.reply(), host_.status_body);
}

TEST_F(SessionFlowTest, Many_members_are_read_elsewhere_too) {
  json::object members;
  for (int i = 0; i < 300; ++i) members.emplace(std::to_string(i), 0);
  const CodecHeldUp busy(host_);
  client_.send(infer("", {{"input_data", members}}));
  EXPECT_TRUE(host_.submitted.empty());
  SessionClient other(host_);
  other.send(infer("", {{"input_data", {{"text", std::string(4000, ' ')}}}}));
  EXPECT_EQ(host_.submitted.size(), 1U) << "a text as long has one";
}

TEST_F(SessionFlowTest, Who_leaves_while_its_request_is_read_asks_for_nothing) {
  std::weak_ptr<Session> session;
  {
    const CodecHeldUp busy(host_);
    session = client_.session().weak_from_this();
    client_.send(infer("", {{"input_data", {{"text", std::string(kInlineJson, 'x')}}}}));
    client_.leave();
    EXPECT_FALSE(client_.is_served());
    EXPECT_EQ(host_.quota.held(Held::kConnections), 1U) << "its place is not free yet";
  }
  host_.run_until([&] { return session.expired(); });
  EXPECT_TRUE(host_.submitted.empty());
  EXPECT_EQ(host_.quota.held(Held::kConnections), 0U);
}

TEST_F(SessionFlowTest, Large_tensors_are_written_as_text_elsewhere) {
  constexpr std::int64_t kBytes = 100'000;
  const RegionPtr region = host_.regions().add(SharedMemory::create(kBytes).value());
  client_.send(infer(""));
  {
    const CodecHeldUp busy(host_);
    auto outcome =
        inferred({{"dtype", "uint8"}, {"shape", {kBytes}}, {"region", 0}, {"offset", 0}});
    outcome.result->region = region;
    host_.complete(1, std::move(outcome));
    EXPECT_FALSE(client_.next());
    EXPECT_EQ(client_.session().in_flight(), 1U);
  }
  const auto reply = reply_in_time(client_);
  EXPECT_EQ(reply.at("result").at("data_b64").as_string().size(), (kBytes + 2) / 3 * 4);
  EXPECT_EQ(client_.session().in_flight(), 0U);
}

}  // namespace
}  // namespace npu::manager
