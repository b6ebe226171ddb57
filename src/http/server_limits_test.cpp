#include "http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server_fixture.hpp"

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

TEST_F(ServerTest, Uploads_together_are_bounded) {
  start({.max_buffered_bytes = 1 << 20});
  Client first(server_->port());
  first.send(
      "POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\nExpect: 100-continue\r\n\r\n");
  first.read_until("\r\n\r\n");
  first.send("x");
  Client second(server_->port());
  second.send("POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
  const auto refused = second.read_response();
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(refused, HasSubstr("Retry-After: 1\r\n"));
  first.send(std::string((1 << 20) - 1, 'x'));
  EXPECT_TRUE(first.read_response().ends_with("1048576"));
  Client third(server_->port());
  third.send("POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_THAT(third.read_response(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, A_client_that_leaves_cancels_its_handler) {
  start();
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

TEST_F(ServerTest, A_stream_ends_when_its_reader_leaves) {
  start();
  Client client(server_->port());
  client.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("\r\n\r\n");
  client.close();
  cancelled_.get_future().wait();
}

TEST_F(ServerTest, A_stream_waits_for_its_reader_but_not_for_ever) {
  start({.write_timeout = Millis(50)});
  Client client(server_->port());
  client.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("\r\n\r\n");
  cancelled_.get_future().wait();
}

TEST_F(ServerTest, A_stream_that_fails_is_seen_to_be_truncated) {
  start();
  const auto answer = exchange("GET /broken HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(answer, EndsWith("4\r\nhalf\r\n"));
}

TEST_F(ServerTest, Idle_connections_make_room_for_new_ones) {
  start({.max_connections = 2});
  Client first(server_->port());
  Client second(server_->port());
  for (Client* client : {&first, &second}) {
    client->send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client->read_response();
  }
  Client third(server_->port());
  third.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(third.read_response(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, Slow_heads_and_bodies_are_given_up) {
  start({.header_timeout = Millis(20), .body_timeout = Millis(20)});
  EXPECT_EQ(exchange("GET /hel"), "");
  EXPECT_EQ(exchange("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"), "");
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
