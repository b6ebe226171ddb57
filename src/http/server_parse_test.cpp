// What real clients send, and what no client should.
#include "http/server.hpp"

#include <zlib.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server_test_support.hpp"
#include "http/work_pool.hpp"

namespace npu::http {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kHelloAndStay = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

std::string zlib_of(std::string text) {
  std::string out(::compressBound(text.size()), '\0');
  uLongf size = out.size();
  EXPECT_EQ(::compress(reinterpret_cast<Bytef*>(out.data()), &size,
                       reinterpret_cast<const Bytef*>(text.data()), text.size()),
            Z_OK);
  out.resize(size);
  return out;
}

std::string encoded_post(const std::string& coding, const std::string& body) {
  return "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Encoding: " + coding +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST_F(ServerTest, A_malformed_head_is_400_whatever_is_wrong_with_it) {
  start();
  const std::string end = " HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const std::string& request :
       {"GET /hello?n=my photo.jpg" + end, "GET  /hello" + end, "GET" + end, " GET /hello" + end,
        std::string("GET /hello\r\nHost: x\r\n\r\n"),
        std::string("GET /hello HTTP/1.x\r\nHost: x\r\n\r\n"),
        std::string("GET /hello http/1.1\r\nHost: x\r\n\r\n"),
        std::string("GET /hello HTTP/11\r\nHost: x\r\n\r\n"), "G@T /hello" + end,
        std::string("GET /hello HTTP/1.1\r\nHost : x\r\n\r\n"),
        std::string("GET /hello HTTP/1.1\r\nHost\r\n\r\n"),
        std::string("GET /hello HTTP/1.1\r\n folded\r\n\r\n"),
        std::string("GET /hello HTTP/1.1\nHost: x\n\n"),
        std::string("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
        std::string("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                    "Content-Length: 2\r\n\r\nab")}) {
    EXPECT_THAT(exchange(request), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("{\"error\"")))
        << request;
  }
  EXPECT_THAT(exchange("GET /hello?n=my photo.jpg" + end), HasSubstr("%20"));
  EXPECT_THAT(exchange("\x16\x03\x01 not complete"), HasSubstr("TLS"));
  EXPECT_THAT(exchange("GET /hello HTTP/2.0\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 505"));
}

TEST_F(ServerTest, Empty_lines_before_a_request_are_skipped) {
  start();
  Client client(server_->port());
  for (const char* lines : {"\r\n", "\r\n\r\n", "\n", ""}) {
    client.send(std::string(lines) + kHelloAndStay);
    EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200")) << lines;
  }
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab\r\n");
  EXPECT_TRUE(client.read_response().ends_with("ab"));
  client.send(kHelloAndStay);
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(exchange(std::string(200, '\n')), StartsWith("HTTP/1.1 400"));
}

TEST_F(ServerTest, A_body_of_get_is_read_and_thrown_away) {
  start();
  Client client(server_->port());
  client.send("GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}" +
              std::string("GET /hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "2;ext=1\r\n{}\r\n0\r\nTrailer: x\r\n\r\n") +
              "HEAD /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_TRUE(client.read_response().ends_with("hello"));
  EXPECT_TRUE(client.read_response().ends_with("hello"));
  EXPECT_THAT(client.read_response(false), StartsWith("HTTP/1.1 200"));
  client.send("GET /none HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 404"));
  client.send(kHelloAndStay);
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200"));
  client.send("GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 413"));
}

TEST_F(ServerTest, What_a_query_should_not_have_is_data) {
  start();
  for (const char* query :
       {"x=50%", "x=%zz", "%=%4", "100%&y=1", "x=\"a|b\"[]{}^`\\", "x=\xc3\xa9"}) {
    EXPECT_THAT(exchange("GET /hello?" + std::string(query) +
                         " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                StartsWith("HTTP/1.1 200"))
        << query;
  }
}

TEST_F(ServerTest, Compressed_bodies_are_inflated_within_the_limit_of_the_route) {
  start();
  Client client(server_->port());
  const std::string text(1000, 'a');
  client.send(encoded_post("deflate", zlib_of(text)));
  EXPECT_TRUE(client.read_response().ends_with("\r\n\r\n" + text));
  client.send(encoded_post("deflate", zlib_of(text + "a")));
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 413"));
  client.send(encoded_post("gzip", "hello"));
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 400"));
  client.send(encoded_post("identity", "abc"));
  EXPECT_TRUE(client.read_response().ends_with("abc"));
}

TEST_F(ServerTest, Another_coding_is_415_and_says_which_are_known) {
  start();
  Client client(server_->port());
  client.send(encoded_post("br", "hello"));
  const auto answer = client.read_response();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 415"));
  EXPECT_THAT(answer, HasSubstr("Accept-Encoding: gzip, deflate\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Encoding br is not supported"));
  client.send(kHelloAndStay);
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, A_half_closed_client_gets_its_answer) {
  start({.request_timeout = Millis(50), .half_close_within = std::chrono::hours(1)});
  for (const char* request : {"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
                              "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"}) {
    Client client(server_->port());
    client.send(request);
    ::shutdown(client.fd(), SHUT_WR);
    EXPECT_TRUE(client.read_to_end().ends_with("hello"));
  }
  Client waits(server_->port());
  waits.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  ::shutdown(waits.fd(), SHUT_WR);
  EXPECT_THAT(waits.read_to_end(), StartsWith("HTTP/1.1 504"));
}

TEST_F(ServerTest, A_body_that_a_half_closed_client_has_not_sent_whole_is_400) {
  start();
  Client client(server_->port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe");
  ::shutdown(client.fd(), SHUT_WR);
  EXPECT_THAT(client.read_to_end(), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("truncated")));
}

TEST_F(ServerTest, Header_names_have_no_case_and_1_0_may_be_kept_alive) {
  start();
  Client client(server_->port());
  client.send("POST /echo HTTP/1.0\r\ncontent-LENGTH: 2\r\nCONNECTION: Keep-Alive\r\n\r\nab");
  EXPECT_THAT(client.read_response(), HasSubstr("Connection: keep-alive\r\n"));
  client.send("GET http://x/hello HTTP/1.1\r\nhOST: x\r\n\r\n");
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200"));
  client.send("OPTIONS /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_response(), HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(ServerTest, Who_leaves_in_mid_body_is_counted_as_gone) {
  start();
  Client client(server_->port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
  client.read_until("100 Continue\r\n\r\n");
  client.send("half");
  client.reset();
  stop(std::chrono::seconds(5));
  EXPECT_EQ(last_status_, 499);
}

TEST_F(ServerTest, Who_leaves_while_its_body_waits_to_be_inflated_is_not_served) {
  WorkPool pool({.threads = 1});
  start({.pool = &pool});
  std::promise<void> begun;
  std::promise<void> go;
  const auto block = [&] {
    begun.set_value();
    go.get_future().wait();
  };
  asio::co_spawn(io_, pool.run(block), asio::detached);
  begun.get_future().wait();
  Client client(server_->port());
  client.send(encoded_post("deflate", zlib_of("hello")));
  while (pool.waiting() == 0) std::this_thread::yield();
  client.reset();
  // Requests that came after the reset are answered after it was seen.
  for (int i = 0; i < 2; ++i)
    exchange("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  go.set_value();
  stop(std::chrono::seconds(5));
  EXPECT_EQ(last_status_, 499);
  EXPECT_EQ(echoed_, 0);
}

}  // namespace
}  // namespace npu::http
