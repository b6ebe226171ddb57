#include "worker/link.hpp"

#include <array>
#include <future>
#include <thread>

#include <poll.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "base/unix_socket.hpp"
#include "worker/link_context.hpp"

namespace npu::worker {
namespace {

using namespace std::chrono_literals;

class LinkTest : public testing::Test {
 protected:
  LinkTest() : LinkTest(unix_pair().value()) {}
  explicit LinkTest(std::pair<UniqueFd, UniqueFd> pair)
      : manager_(std::move(pair.first)), link_(std::move(pair.second)), turn_(link_.turn()) {}

  void send(std::string_view json) {
    const std::string frame = wire::encode_text(json);
    const iovec part{const_cast<char*>(frame.data()), frame.size()};
    ASSERT_TRUE(send_all(manager_.get(), std::span(&part, 1)));
  }
  // Of the telemetry message that comes next.
  std::string next_job() {
    const auto message = link_.next();
    if (!message) return "error: " + message.error().message;
    if (!*message) return "end";
    return std::to_string(std::get<wire::order::Telemetry>((**message).order).job);
  }

  UniqueFd manager_;
  Link link_;
  std::unique_lock<Turn> turn_;
};

TEST_F(LinkTest, Messages_come_in_order_and_then_the_end) {
  send(R"({"op":"telemetry","job":1})");
  send(R"({"op":"telemetry","job":2})");
  manager_.reset();
  EXPECT_EQ(next_job(), "1");
  EXPECT_EQ(next_job(), "2");
  EXPECT_EQ(next_job(), "end");
}

TEST_F(LinkTest, A_cancel_overtakes_what_was_sent_before_it) {
  LinkContext context(link_, 5);
  send(R"({"op":"telemetry","job":6})");
  EXPECT_FALSE(context.cancelled());
  send(R"({"op":"cancel","job":4})");
  EXPECT_FALSE(context.cancelled());
  send(R"({"op":"cancel","job":5})");
  EXPECT_TRUE(context.cancelled());
  EXPECT_EQ(next_job(), "6");
}

TEST_F(LinkTest, Progress_is_told_but_not_at_every_step) {
  LinkContext context(link_, 5);
  const auto told = [&] {
    context.progressed();
    pollfd entry{manager_.get(), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
  };
  EXPECT_FALSE(told());
  ASSERT_TRUE(context.wait_until(std::chrono::steady_clock::now() + 250ms));
  ASSERT_TRUE(told());
  std::array<char, 64> text{};
  const auto size = ::recv(manager_.get(), text.data(), text.size(), 0);
  ASSERT_GT(size, 4);
  EXPECT_EQ(std::string(text.data() + 4, static_cast<std::size_t>(size) - 4),
            R"({"op":"progress","job":5})");
}

TEST_F(LinkTest, Each_of_several_running_jobs_is_cancelled_for_itself) {
  LinkContext first(link_, 5);
  {
    LinkContext second(link_, 6);
    send(R"({"op":"cancel","job":6})");
    EXPECT_FALSE(first.cancelled());
    EXPECT_TRUE(second.cancelled());
  }
  send(R"({"op":"cancel","job":6})");
  EXPECT_FALSE(first.cancelled());
  EXPECT_FALSE(link_.cancelled(6)) << "a job that is over is forgotten";
  send(R"({"op":"cancel","job":5})");
  EXPECT_TRUE(first.cancelled());
}

TEST_F(LinkTest, A_context_that_waits_for_the_device_gives_the_turn_away) {
  LinkContext context(link_, 5);
  bool was_free = false;
  context.while_waiting([&] {
    was_free = link_.turn().try_lock();
    if (was_free) link_.turn().unlock();
  });
  EXPECT_TRUE(was_free);
  EXPECT_FALSE(std::async([&] { return link_.turn().try_lock(); }).get());
}

TEST_F(LinkTest, A_context_says_the_class_of_its_request) {
  EXPECT_EQ(LinkContext(link_, 5).priority(), Priority::kInteractive);
  EXPECT_EQ(LinkContext(link_, 5, Priority::kRealtime).priority(), Priority::kRealtime);
}

TEST_F(LinkTest, What_another_thread_takes_in_or_gives_up_wakes_who_waits_for_the_next_message) {
  for (int round = 0; round <= 100; ++round) {
    const bool gives_up = round == 100;
    turn_.unlock();
    std::jthread other([&] {
      const std::scoped_lock turn(link_.turn());
      if (gives_up) return link_.give_up({ErrorCode::kInternal, "enough"});
      send(R"({"op":"telemetry","job":7})");
      while (!link_.has_waiting()) link_.pump();
    });
    turn_.lock();
    EXPECT_EQ(next_job(), gives_up ? "error: enough" : "7");
  }
}

TEST_F(LinkTest, A_job_that_waits_is_known_to_be_cancelled_when_its_turn_comes) {
  LinkContext running(link_, 5);
  send(R"({"op":"infer","job":6,"model":"m","input":{}})");
  send(R"({"op":"cancel","job":6})");
  EXPECT_FALSE(running.cancelled());
  EXPECT_TRUE(link_.cancelled(6));
}

TEST_F(LinkTest, A_cancel_that_comes_too_late_is_forgotten) {
  send(R"({"op":"cancel","job":9})");
  send(R"({"op":"infer","job":9,"model":"m","input":{}})");
  link_.pump();
  EXPECT_FALSE(link_.cancelled(9));
}

TEST_F(LinkTest, A_cancelled_job_does_not_wait) {
  LinkContext context(link_, 5);
  EXPECT_TRUE(context.wait_until(std::chrono::steady_clock::now()));
  send(R"({"op":"cancel","job":5})");
  EXPECT_FALSE(context.wait_until(std::chrono::steady_clock::now() + 1h));
}

TEST_F(LinkTest, Waiting_ends_when_the_manager_is_gone) {
  LinkContext context(link_, 5);
  manager_.reset();
  EXPECT_FALSE(context.wait_until(std::chrono::steady_clock::now() + 1h));
  EXPECT_TRUE(context.cancelled());
}

TEST_F(LinkTest, Bytes_that_are_no_messages_break_the_link) {
  send("no json");
  EXPECT_EQ(next_job().rfind("error: the manager's message: invalid JSON", 0), 0U);
}

TEST_F(LinkTest, An_end_inside_a_message_is_an_error) {
  const char kHead[] = {0, 0, 0, 9, '{'};
  const iovec part{const_cast<char*>(kHead), sizeof kHead};
  ASSERT_TRUE(send_all(manager_.get(), std::span(&part, 1)));
  manager_.reset();
  EXPECT_EQ(next_job(), "error: the link ended inside a message");
}

TEST_F(LinkTest, Sending_to_a_manager_that_is_gone_closes_the_link) {
  manager_.reset();
  link_.send(wire::report::Progress{5});
  EXPECT_TRUE(link_.closed());
}

TEST_F(LinkTest, A_descriptor_that_did_not_come_is_an_error) {
  EXPECT_EQ(link_.take_descriptor().error().code, ErrorCode::kMalformed);
}

}  // namespace
}  // namespace npu::worker
