#include "services/kit/live.hpp"

#include <deque>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/json_body.hpp"
#include "media/image_decode.hpp"
#include "media/png_encode.hpp"
#include "services/kit/fake_network_test_support.hpp"

namespace npu::kit {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Something that one coroutine waits for and another one, or the test, lets happen.
class Gate {
 public:
  explicit Gate(asio::io_context& io) : changed_(io, SteadyTime::max()) {}

  void wake() { changed_.cancel(); }
  template <class Open>
  awaitable<void> wait(Open open) {
    while (!open()) (void)co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable));
  }

 private:
  asio::steady_timer changed_;
};

// The client's end of a WebSocket, played by the test.
class FakeSocket final : public http::WebSocket {
 public:
  explicit FakeSocket(asio::io_context& io) : gate_(io) {}

  void arrive(std::string data, bool binary = true) {
    arrived_.push_back({std::move(data), binary});
    gate_.wake();
  }
  void leave() {
    gone_ = true;
    gate_.wake();
  }
  void read(bool reads) {
    reads_ = reads;
    gate_.wake();
  }
  bool all_received() const { return arrived_.empty(); }

  std::vector<std::string> texts;
  std::vector<std::string> binaries;

  awaitable<Result<http::WebSocketMessage>> receive() override {
    co_await gate_.wait([this] { return gone_ || !arrived_.empty(); });
    if (arrived_.empty()) co_return fail(ErrorCode::kCancelled, "gone");
    http::WebSocketMessage message = std::move(arrived_.front());
    arrived_.pop_front();
    co_return message;
  }
  awaitable<Status> send_text(std::string_view text) override {
    co_await gate_.wait([this] { return reads_; });
    texts.emplace_back(text);
    co_return Status{};
  }
  awaitable<Status> send_binary(std::string_view bytes) override {
    binaries.emplace_back(bytes);
    co_return Status{};
  }

 private:
  Gate gate_;
  std::deque<http::WebSocketMessage> arrived_;
  bool gone_ = false;
  bool reads_ = true;
};

// Says which frames it was given, by their grey, and can be held.
class WatchedNetwork final : public FakeNetwork {
 public:
  struct Watch {
    explicit Watch(asio::io_context& io) : gate(io) {}
    Gate gate;
    bool held = false;
    std::vector<int> seen;
    int inside = 0;  // begun and not ended
  };

  WatchedNetwork(FakeState& state, Watch& watch) : FakeNetwork(state, {8, 8, 3}), watch_(watch) {}

  awaitable<Result<InferResult>> infer(InferInput input, InferTerms terms) override {
    watch_.seen.push_back(input.tensor_fields().at(0).tensors.at(0).as<std::uint8_t>()[0]);
    ++watch_.inside;
    co_await watch_.gate.wait([this] { return !watch_.held; });
    --watch_.inside;
    co_return co_await FakeNetwork::infer(std::move(input), terms);
  }

 private:
  Watch& watch_;
};

std::string picture(int grey, int width = 16, int height = 12) {
  media::Image image(width, height, 3);
  std::ranges::fill(image.pixels(), static_cast<std::uint8_t>(grey));
  return media::encode_png(image);
}

class LiveTest : public ::testing::Test {
 protected:
  LiveTest()
      : watch_(io_),
        model_("net", std::make_unique<WatchedNetwork>(network_, watch_)),
        pool_({.threads = 2}),
        pictures_(pool_, picture_rules_),
        socket_(io_) {
    task_.find = [](const InferResult&, const Placement& placed) -> Result<LiveFinding> {
      return LiveFinding{.result = fmt::format("[{}]", placed.picture.width),
                         .draw = [](media::Image&) {}};
    };
  }
  ~LiveTest() override {
    leave();
    until([this] { return ended_.has_value() || !live_; });
  }

  void open(std::string_view query = "") {
    http::Request request;
    request.id = "here";
    request.query = *http::Query::parse(query);
    live_.emplace(pool_, model_, pictures_, picture_rules_, rules_);
    asio::co_spawn(io_, serve(std::move(request)), asio::detached);
  }
  awaitable<void> serve(http::Request request) {
    ended_ = co_await live_->serve(std::move(request), socket_, task_);
  }
  void hold(bool held) {
    watch_.held = held;
    watch_.gate.wake();
  }
  void leave() { socket_.leave(); }

  // Lets things happen until it is so.
  void until(const std::function<bool()>& so) {
    while (!so()) {
      io_.restart();
      if (io_.run_one_for(std::chrono::seconds(30)) == 0) FAIL() << "nothing happens any more";
    }
  }
  // The answers, once there are so many.
  std::vector<json::object> answers(std::size_t count) {
    until([&] { return socket_.texts.size() >= count; });
    std::vector<json::object> all;
    for (const std::string& text : socket_.texts) {
      const auto value = http::parse_json(text);
      EXPECT_TRUE(value) << text;
      all.push_back(value->as_object());
    }
    return all;
  }
  std::vector<std::int64_t> numbers(std::size_t count) {
    std::vector<std::int64_t> all;
    for (const json::object& one : answers(count)) all.push_back(one.at("frame").as_int64());
    return all;
  }

  asio::io_context io_;
  FakeState network_;
  WatchedNetwork::Watch watch_;
  Model model_;
  http::WorkPool pool_;
  PictureRules picture_rules_;
  LiveRules rules_;
  Pictures pictures_;
  FakeSocket socket_;
  LiveTask task_;
  std::optional<Live> live_;
  std::optional<Status> ended_;
};

TEST_F(LiveTest, Each_frame_is_answered_with_its_number_and_times) {
  open();
  for (int i = 1; i <= 3; ++i) {
    socket_.arrive(picture(i));
    const json::object answer = answers(static_cast<std::size_t>(i)).back();
    std::vector<std::string> keys;
    for (const auto& field : answer) keys.emplace_back(field.key());
    EXPECT_THAT(keys, ElementsAre("frame", "frames_dropped", "queue_ms", "model_ms", "result"));
    EXPECT_EQ(answer.at("frame"), i);
    EXPECT_EQ(answer.at("frames_dropped"), 0);
    EXPECT_GE(answer.at("queue_ms").to_number<double>(), 0);
    EXPECT_EQ(answer.at("result"), json::array{16});
  }
  EXPECT_THAT(socket_.binaries, IsEmpty());
}

TEST_F(LiveTest, Of_the_frames_that_arrive_while_one_is_in_the_device_the_last_is_kept) {
  open();
  hold(true);
  socket_.arrive(picture(1));
  until([&] { return !watch_.seen.empty(); });
  for (int i = 2; i <= 5; ++i) socket_.arrive(picture(i));
  until([&] { return socket_.all_received(); });
  hold(false);
  EXPECT_THAT(numbers(2), ElementsAre(1, 5));
  EXPECT_EQ(answers(2).back().at("frames_dropped"), 3);
  EXPECT_THAT(watch_.seen, ElementsAre(1, 5));
}

TEST_F(LiveTest, The_next_frame_goes_to_the_device_while_one_is_answered_and_no_further_one) {
  open();
  socket_.read(false);
  socket_.arrive(picture(1));
  until([&] { return watch_.seen.size() == 1; });
  socket_.arrive(picture(2));
  until([&] { return watch_.seen.size() == 2; });
  for (int i = 3; i <= 9; ++i) {
    socket_.arrive(picture(i));
    until([&] { return socket_.all_received(); });
  }
  EXPECT_THAT(watch_.seen, ElementsAre(1, 2));
  socket_.read(true);
  EXPECT_THAT(numbers(3), ElementsAre(1, 2, 9));
}

TEST_F(LiveTest, What_is_no_picture_fails_alone) {
  open();
  socket_.arrive("no picture");
  EXPECT_EQ(answers(1).at(0).at("error").at("type"), "invalid_request");
  socket_.arrive("");
  EXPECT_EQ(answers(2).at(1).at("error").at("type"), "invalid_request");
  socket_.arrive("hello", false);
  EXPECT_THAT(json::serialize(answers(3).at(2)), HasSubstr("this one is text"));
  const std::string whole = picture(7, 60, 60);
  socket_.arrive(whole.substr(0, whole.size() / 2));
  EXPECT_TRUE(answers(4).at(3).contains("error"));
  socket_.arrive(picture(7));
  EXPECT_TRUE(answers(5).at(4).contains("result"));
  EXPECT_THAT(numbers(5), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(LiveTest, A_failure_of_the_device_or_of_the_service_fails_its_frame_alone) {
  open();
  network_.failure = Error{ErrorCode::kUnavailable, "no manager on /run/secret.sock"};
  socket_.arrive(picture(1));
  const std::string text = json::serialize(answers(1).at(0));
  EXPECT_THAT(text, HasSubstr("service_unavailable"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("secret")));
  network_.failure.reset();
  task_.find = [calls = 0](const InferResult&, const Placement&) mutable -> Result<LiveFinding> {
    if (calls++ == 0) return fail(ErrorCode::kInternal, "no head");
    return LiveFinding{.result = "{}"};
  };
  socket_.arrive(picture(2));
  EXPECT_THAT(json::serialize(answers(2).at(1)), HasSubstr("no head"));
  socket_.arrive(picture(3));
  EXPECT_TRUE(answers(3).at(2).contains("result"));
}

TEST_F(LiveTest, Frames_go_before_other_work_and_have_a_time_of_their_own) {
  rules_.frame_timeout_ms = 5000;
  open();
  for (int i = 1; i <= 2; ++i) {
    socket_.arrive(picture(i));
    (void)answers(static_cast<std::size_t>(i));
  }
  EXPECT_THAT(network_.priorities, ElementsAre(Priority::kRealtime, Priority::kRealtime));
  for (const Millis timeout : network_.timeouts) {
    EXPECT_LE(timeout, Millis(5000));
    EXPECT_GT(timeout, Millis(1000));
  }
}

TEST_F(LiveTest, An_annotated_answer_is_the_frame_with_what_was_found) {
  task_.find = [](const InferResult&, const Placement&) -> Result<LiveFinding> {
    LiveFinding finding{.result = "[]"};
    finding.draw = [](media::Image& frame) {
      std::ranges::fill(frame.pixels().first(frame.pixels().size() / 2), std::uint8_t{250});
    };
    return finding;
  };
  open("annotated=true");
  socket_.arrive(picture(20, 64, 32));
  until([&] { return socket_.binaries.size() == 1; });
  EXPECT_EQ(answers(1).size(), 1U);
  const auto jpeg = media::decode_image(std::as_bytes(std::span(socket_.binaries[0])));
  ASSERT_TRUE(jpeg);
  EXPECT_EQ(jpeg->width(), 64);
  EXPECT_EQ(jpeg->height(), 32);
  EXPECT_NEAR(jpeg->pixels().front(), 250, 3);
  EXPECT_NEAR(jpeg->pixels().back(), 20, 3);
  // What failed has no picture.
  socket_.arrive("no picture");
  EXPECT_TRUE(answers(2).at(1).contains("error"));
  EXPECT_EQ(socket_.binaries.size(), 1U);
}

TEST_F(LiveTest, Or_it_is_a_picture_of_the_services_own) {
  task_.find = [](const InferResult&, const Placement&) -> Result<LiveFinding> {
    LiveFinding finding{.result = "[]"};
    finding.picture = [] {
      media::Image own(5, 3, 3);
      std::ranges::fill(own.pixels(), std::uint8_t{99});
      return own;
    };
    return finding;
  };
  open("annotated=true");
  socket_.arrive(picture(20));
  until([&] { return socket_.binaries.size() == 1; });
  const auto jpeg = media::decode_image(std::as_bytes(std::span(socket_.binaries[0])));
  ASSERT_TRUE(jpeg);
  EXPECT_EQ(jpeg->width(), 5);
  EXPECT_NEAR(jpeg->pixels().front(), 99, 3);
}

TEST_F(LiveTest, A_client_that_leaves_takes_its_frame_out_of_the_device) {
  open();
  hold(true);
  socket_.arrive(picture(1));
  until([&] { return !watch_.seen.empty(); });
  socket_.arrive(picture(2));
  leave();
  until([&] { return ended_.has_value(); });
  EXPECT_TRUE(ended_->has_value());
  EXPECT_EQ(watch_.inside, 1);  // it was never let go
  EXPECT_THAT(watch_.seen, ElementsAre(1));
  EXPECT_THAT(socket_.texts, IsEmpty());
}

// Of one megabyte one client has half.
TEST_F(LiveTest, What_frames_hold_is_bounded_and_given_back) {
  rules_.max_memory_mb = 1;
  open("annotated=true");
  const auto padded = [](int grey, std::size_t bytes) {
    return picture(grey) + std::string(bytes, '\0');
  };
  for (std::size_t i = 1; i <= 5; ++i) {
    socket_.arrive(padded(1, 400 << 10));
    EXPECT_TRUE(answers(i).back().contains("result"));
  }
  socket_.arrive(padded(2, 600 << 10));
  EXPECT_THAT(json::serialize(answers(6).back()), HasSubstr("too many live pictures"));
  hold(true);
  socket_.arrive(padded(3, 400 << 10));
  until([&] { return watch_.seen.back() == 3; });
  socket_.arrive(padded(4, 400 << 10));
  until([&] { return socket_.all_received(); });
  hold(false);
  const auto all = answers(8);
  EXPECT_TRUE(all.at(6).contains("result"));
  EXPECT_TRUE(all.at(7).contains("error"));
  EXPECT_EQ(live_->route().max_body, std::size_t{16} << 20);
}

}  // namespace
}  // namespace npu::kit
