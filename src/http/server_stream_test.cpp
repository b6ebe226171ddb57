#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server_test_support.hpp"

namespace npu::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

class ServerStreamTest : public ServerTest {};

TEST_F(ServerStreamTest, Streams_are_chunked_and_the_connection_goes_on) {
  start();
  Client client(server_->port());
  client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto head = client.read_until("\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
  EXPECT_EQ(client.read_until("0\r\n\r\n"),
            "1e\r\nevent: e\ndata: one\ndata: two\n\n\r\n8\r\n{\"a\":1}\n\r\n0\r\n\r\n");
  EXPECT_TRUE(client.read_response().ends_with("hello"));
  EXPECT_THAT(exchange("GET /stream HTTP/1.0\r\n\r\n"),
              EndsWith("\r\n\r\nevent: e\ndata: one\ndata: two\n\n{\"a\":1}\n"));
}

TEST_F(ServerStreamTest, An_endless_stream_ends_when_its_reader_leaves) {
  start();
  Client client(server_->port());
  client.send(get("/endless"));
  client.read_until("\r\n\r\n");
  client.close();
  cancelled_.get_future().wait();
}

TEST_F(ServerStreamTest, A_stream_waits_for_its_reader_but_not_for_ever) {
  start({.stall_timeout = Millis(50)});
  Client client(server_->port());
  client.send(get("/endless"));
  client.read_until("\r\n\r\n");
  cancelled_.get_future().wait();
  stop();
  EXPECT_EQ(last_status_, 499);
}

TEST_F(ServerStreamTest, A_stream_that_fails_before_its_first_piece_is_answered_with_a_status) {
  start();
  Client client(server_->port());
  client.send(get("/fails-at-once"));
  const auto failed = client.read_response();
  EXPECT_THAT(failed, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(failed, HasSubstr("Retry-After: 3\r\n"));
  EXPECT_THAT(failed, HasSubstr("come back"));
  client.send(get("/hello"));
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerStreamTest, A_stream_that_fails_tells_it_in_its_format_and_is_counted_as_failed) {
  start();
  Client client(server_->port());
  client.send(get("/fails-sse"));
  const auto events = client.read_until("0\r\n\r\n");
  EXPECT_THAT(events, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(events, HasSubstr("data: 1\n\n\r\n"));
  EXPECT_THAT(events,
              HasSubstr("event: error\ndata: {\"error\": {\"message\": \"the device is gone\""));
  client.send(get("/fails-ndjson"));
  EXPECT_THAT(client.read_until("0\r\n\r\n"),
              HasSubstr("{}\n\r\n4c\r\n{\"error\": {\"message\": \"the device is gone\""));
  client.send(get("/hello"));
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(exchange(get("/fails-bytes")), EndsWith("4\r\nhalf\r\n"));
  stop();
  EXPECT_EQ(last_status_, 503);
  EXPECT_EQ(last_note_, "the stream failed: the device is gone");
}

TEST_F(ServerStreamTest, A_stream_that_throws_fails_without_the_exceptions_text) {
  start();
  Client client(server_->port());
  client.send(get("/throws"));
  const auto events = client.read_until("0\r\n\r\n");
  EXPECT_THAT(events, HasSubstr("internal error"));
  EXPECT_THAT(events, Not(HasSubstr("secret")));
  stop();
  EXPECT_EQ(last_status_, 500);
}

TEST_F(ServerStreamTest, A_stream_has_until_the_requests_deadline_for_its_first_piece) {
  start();
  Client client(server_->port());
  client.send(get("/mute-late"));
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 504"));
  client.send(get("/hello"));
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerStreamTest, A_head_is_no_first_piece) {
  start();
  Client client(server_->port());
  client.send(get("/silent-late"));
  const auto events = client.read_until("0\r\n\r\n");
  EXPECT_THAT(events, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(events, HasSubstr("event: error\n"));
}

TEST_F(ServerStreamTest, A_pause_in_a_stream_ends_it) {
  start({.stream_idle_timeout = Millis(20)});
  Client client(server_->port());
  client.send(get("/half"));
  const auto events = client.read_until("0\r\n\r\n");
  EXPECT_THAT(events, HasSubstr("data: 1\n\n"));
  EXPECT_THAT(events, HasSubstr("event: error\n"));
  EXPECT_THAT(events, HasSubstr("\"timeout\""));
  cancelled_.get_future().wait();
  stop();
  EXPECT_EQ(last_status_, 504);
}

TEST_F(ServerStreamTest, Bytes_that_stop_coming_are_seen_to_be_truncated) {
  start({.stream_idle_timeout = Millis(20)});
  EXPECT_THAT(exchange(get("/half-bytes")), EndsWith("\r\ndata: 1\n\n\r\n"));
}

TEST_F(ServerStreamTest, A_quiet_stream_of_events_gets_comments_and_its_head) {
  start({.sse_comment_after = Millis(10)});
  Client silent(server_->port());
  silent.send(get("/mute"));
  EXPECT_THAT(silent.read_until(": keep-alive\n\n\r\ne\r\n: keep-alive\n\n\r\n"),
              StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerStreamTest, Where_a_route_says_so_a_stream_may_pause_for_ever) {
  start({.stream_idle_timeout = Millis(1), .sse_comment_after = Millis(20)});
  Client client(server_->port());
  client.send(get("/half-patient"));
  EXPECT_THAT(client.read_until("e\r\n: keep-alive\n\n\r\n"), Not(HasSubstr("error")));
}

TEST_F(ServerStreamTest, A_quiet_stream_ends_when_its_client_leaves) {
  start({.half_close_within = Millis(0)});
  Client client(server_->port());
  client.send(get("/half"));
  waiting_.get_future().wait();
  client.close();
  cancelled_.get_future().wait();
  stop();
  EXPECT_EQ(last_status_, 499);
}

// What nobody reads before the stream has ended must not hide the end behind it.
TEST_F(ServerStreamTest, A_client_that_has_sent_more_is_seen_to_leave_all_the_same) {
  start({.half_close_within = Millis(0)});
  Client client(server_->port());
  client.send(get("/half"));
  waiting_.get_future().wait();
  client.send(get("/hello"));
  client.close();
  cancelled_.get_future().wait();
}

TEST_F(ServerStreamTest, A_reset_is_no_half_close) {
  start();
  Client client(server_->port());
  client.send(get("/half") + get("/hello"));
  waiting_.get_future().wait();
  client.reset();
  cancelled_.get_future().wait();
}

TEST_F(ServerStreamTest, Comments_find_out_who_has_left_at_once) {
  start({.sse_comment_after = Millis(10)});  // and half-closing is taken for just that
  Client client(server_->port());
  client.send(get("/mute"));
  waiting_.get_future().wait();
  client.close();
  cancelled_.get_future().wait();
}

}  // namespace
}  // namespace npu::http
