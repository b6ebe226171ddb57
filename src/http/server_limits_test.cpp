#include "http/server.hpp"

#include <array>
#include <vector>

#include <poll.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server_test_support.hpp"

namespace npu::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(ServerTest, What_is_not_http_is_refused) {
  start();
  EXPECT_THAT(exchange("\x16\x03\x01 nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(exchange("GET /hello HTTP/1.1\r\n\r\n"), HasSubstr("Host header is missing"));
  EXPECT_THAT(exchange("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(exchange("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(exchange("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(exchange("GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
              HasSubstr("more than one Host header"));
}

TEST_F(ServerTest, A_body_whose_end_is_a_matter_of_opinion_hides_no_request) {
  start();
  for (const char* coding : {"xchunked", "gzip", "gzip, chunked", "chunked, identity",
                             "chunked\r\nTransfer-Encoding: identity"}) {
    const auto answer =
        exchange("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + std::string(coding) +
                 "\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400")) << coding;
    EXPECT_THAT(answer, ::testing::Not(HasSubstr("hello"))) << coding;
  }
  EXPECT_THAT(exchange("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 400"));
}

TEST_F(ServerTest, A_refusal_says_that_it_closes_where_the_client_wants_that) {
  start();
  EXPECT_THAT(exchange("GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              HasSubstr("Connection: close\r\n"));
}

TEST_F(ServerTest, A_head_over_the_limit_is_431) {
  start({.max_header_bytes = 1024});
  EXPECT_THAT(
      exchange("GET /hello HTTP/1.1\r\nHost: x\r\nX: " + std::string(2000, 'x') + "\r\n\r\n"),
      StartsWith("HTTP/1.1 431"));
}

TEST_F(ServerTest, A_body_over_the_limit_is_413_however_it_is_framed) {
  start();
  const std::string body(200'000, 'x');
  EXPECT_THAT(exchange("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + body),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(exchange("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "400\r\n" +
                       std::string(1024, 'x') + "\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(exchange("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "3\r\nabc\r\nzz\r\n\r\n"),
              StartsWith("HTTP/1.1 400"));
}

TEST_F(ServerTest, Expect_100_continue_is_answered_before_the_body_is_sent) {
  start();
  Client client(server_->port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_TRUE(client.read_response().ends_with("abc"));
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 413"));
}

TEST_F(ServerTest, Uploads_together_are_bounded_by_what_has_arrived_of_them) {
  start({.max_buffered_bytes = 1});  // so that one client has the 8 MiB that /size takes
  const auto head = [](std::size_t length) {
    return "POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(length) +
           "\r\n\r\n";
  };
  constexpr std::size_t kMiB = 1 << 20;
  Client announcing(server_->port());
  announcing.send(head(8 * kMiB) + "x");
  Client one(server_->port());
  Client other(server_->port());
  for (Client* client : {&one, &other}) client->send(head(6 * kMiB) + std::string(5 * kMiB, 'x'));
  std::array<pollfd, 2> answers{{{one.fd(), POLLIN, 0}, {other.fd(), POLLIN, 0}}};
  ASSERT_EQ(::poll(answers.data(), answers.size(), -1), 1);
  Client& refused = answers[0].revents != 0 ? one : other;
  Client& admitted = answers[0].revents != 0 ? other : one;
  const std::string answer = refused.read_response();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(answer, HasSubstr("Retry-After: 1\r\n"));
  admitted.send(std::string(kMiB, 'x'));
  EXPECT_TRUE(admitted.read_response().ends_with("6291456"));
  refused.close();
  admitted.send(head(3) + "abc");
  EXPECT_TRUE(admitted.read_response().ends_with("3"));
}

TEST_F(ServerTest, Large_answers_that_nobody_reads_are_bounded_and_small_ones_are_not_held_up) {
  start({.max_unsent_bytes = std::size_t{120} << 20});
  const std::string_view large = "GET /large HTTP/1.1\r\nHost: x\r\n\r\n";
  Client slow(server_->port());
  slow.send(large);
  EXPECT_THAT(slow.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  const auto refused = exchange("GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(refused, HasSubstr("Retry-After: 1\r\n"));
  EXPECT_THAT(exchange("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 200"));
  slow.skip(std::size_t{40} << 20);
  slow.send(large);
  EXPECT_THAT(slow.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, A_client_that_leaves_cancels_its_handler) {
  start({.half_close_within = Millis(0)});
  Client client(server_->port());
  client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  waiting_.get_future().wait();
  client.close();
  cancelled_.get_future().wait();
  EXPECT_TRUE(stopped_);
  stop();
  EXPECT_EQ(last_status_, 499);
}

TEST_F(ServerTest, A_handler_past_its_deadline_is_cancelled_and_answered_504) {
  start();
  Client client(server_->port());
  client.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 504"));
  EXPECT_TRUE(stopped_);
  client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200"));
}

// A queue that its work waited in knows only that the request was stopped.
TEST_F(ServerTest, A_late_handler_that_says_cancelled_is_answered_504) {
  start();
  Client client(server_->port());
  client.send("GET /late-work HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 504"));
}

TEST_F(ServerTest, Idle_connections_make_room_for_new_ones) {
  start({.max_connections = 2, .waiting_room = 1});
  std::vector<Client> idle;
  for (int i = 0; i < 3; ++i) {
    idle.emplace_back(server_->port());
    idle.back().send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    idle.back().read_response();
  }
  Client next(server_->port());
  next.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(next.read_response(), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(idle.front().read_to_end(), "");
}

TEST_F(ServerTest, Slow_senders_make_room_for_new_requests) {
  start({.max_connections = 2, .slow_after = Millis(20)});
  const std::string_view part = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabc";
  Client slow(server_->port());
  slow.send(part);
  std::string answer;
  while (!answer.starts_with("HTTP/1.1 200")) {
    answer = exchange("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }
  EXPECT_EQ(slow.read_to_end(), "");
}

TEST_F(ServerTest, Slow_readers_make_room_for_new_connections) {
  start({.max_connections = 1, .slow_after = Millis(20)});
  Client reader(server_->port());
  reader.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  reader.read_until("\r\n\r\n");
  std::string answer;
  while (!answer.starts_with("HTTP/1.1 200")) {
    answer = exchange("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }
  EXPECT_LT(reader.read_to_end().size(), std::size_t{40} << 20);
}

TEST_F(ServerTest, Slow_heads_and_bodies_are_given_up) {
  start({.header_timeout = Millis(20), .stall_timeout = Millis(20)});
  EXPECT_EQ(exchange(""), "");
  EXPECT_THAT(exchange("GET /hel"), StartsWith("HTTP/1.1 408"));
  EXPECT_THAT(exchange("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"),
              StartsWith("HTTP/1.1 408"));
}

TEST_F(ServerTest, Idle_connections_are_closed) {
  start({.idle_timeout = Millis(20)});
  EXPECT_TRUE(exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").ends_with("hello"));
}

TEST_F(ServerTest, Shutdown_lets_what_is_in_flight_finish_and_then_cancels) {
  start();
  Client idle(server_->port());
  idle.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.read_response();
  Client busy(server_->port());
  busy.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  waiting_.get_future().wait();
  stop(Millis(1));
  cancelled_.get_future().wait();
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_EQ(server_->connections(), 0U);
}

}  // namespace
}  // namespace npu::http
