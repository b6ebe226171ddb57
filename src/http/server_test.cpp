#include "http/server.hpp"

#include <fstream>

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server_test_support.hpp"

namespace npu::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(ServerTest, One_connection_serves_many_requests) {
  start();
  Client client(server_->port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /hello HTTP/1.1\r\nHost: x\r\nX-Request-Id: id-1\r\n\r\n");
    const auto response = client.read_response();
    EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(response, HasSubstr("X-Request-Id: id-1\r\n"));
    EXPECT_TRUE(response.ends_with("\r\n\r\nhello"));
  }
}

TEST_F(ServerTest, Pipelined_requests_are_answered_in_order) {
  start();
  Client client(server_->port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\noneGET /hello HTTP/1.1\r\nHost: "
      "x\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nthree");
  EXPECT_TRUE(client.read_response().ends_with("one"));
  EXPECT_TRUE(client.read_response().ends_with("hello"));
  EXPECT_TRUE(client.read_response().ends_with("three"));
}

TEST_F(ServerTest, Http_1_0_and_connection_close_end_the_connection) {
  start();
  EXPECT_THAT(exchange("GET /hello HTTP/1.0\r\n\r\n"), HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(exchange("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              HasSubstr("Connection: close\r\n"));
}

TEST_F(ServerTest, Head_has_the_length_and_no_body) {
  start();
  Client client(server_->port());
  client.send("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_response(false), HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, A_large_body_arrives_whole) {
  start();
  Client client(server_->port());
  for (int i = 0; i < 2; ++i) {
    client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto response = client.read_response();
    const auto head = response.find("\r\n\r\n") + 4;
    ASSERT_EQ(response.size() - head, std::size_t{40} << 20);
    const auto body = std::string_view(response).substr(head);
    std::string expected(4096, 'a');
    for (std::size_t at = 0; at < body.size(); at += expected.size()) {
      expected[0] = static_cast<char>(at >> 12);
      ASSERT_TRUE(body.substr(at, expected.size()) == expected) << at;
    }
  }
}

std::size_t resident_bytes() {
  std::size_t total = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

TEST_F(ServerTest, The_memory_of_a_large_body_goes_as_it_is_sent) {
  start();
  Client client(server_->port());
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("\r\n\r\n");
  const std::size_t before = resident_bytes();
  client.skip(std::size_t{30} << 20);
  EXPECT_LT(resident_bytes() + (std::size_t{15} << 20), before);
}

TEST_F(ServerTest, Unknown_routes_and_methods_keep_the_connection) {
  start();
  Client client(server_->port());
  client.send("POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_TRUE(client.read_response().ends_with("404: Not Found"));
  client.send("DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto response = client.read_response();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(response, HasSubstr("Allow: GET, HEAD\r\n"));
  client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, A_chunked_body_arrives_whole) {
  start();
  Client client(server_->port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_TRUE(client.read_response().ends_with("\r\n\r\nabcde"));
}

TEST_F(ServerTest, Errors_and_exceptions_become_the_dialects_answers) {
  start();
  Client client(server_->port());
  client.send("GET /fail HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto failed = client.read_response();
  EXPECT_THAT(failed, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(failed, HasSubstr("Retry-After: 3\r\n"));
  EXPECT_THAT(failed, HasSubstr(R"({"message": "come back", "type": "service_unavailable"})"));
  client.send("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto threw = client.read_response();
  EXPECT_THAT(threw, StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(threw, Not(HasSubstr("secret")));
}

TEST_F(ServerTest, A_route_answers_in_its_own_dialect_whatever_is_wrong) {
  start({.api_keys = {"k1"}});
  const auto answer = [&](std::string_view line, std::string_view fields) {
    return exchange(std::string(line) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
                    std::string(fields) + "\r\n");
  };
  const std::string key = "Authorization: Bearer k1\r\n";
  EXPECT_THAT(answer("POST /other/fail", key), EndsWith("\r\n\r\nother"));
  EXPECT_THAT(answer("POST /other/fail", ""), EndsWith("\r\n\r\nother"));
  EXPECT_THAT(answer("POST /other/fail", key + "Content-Length: 70000\r\n"),
              EndsWith("\r\n\r\nother"));
  EXPECT_THAT(answer("GET /other/fail", key), EndsWith("\r\n\r\nother?"));
  EXPECT_THAT(answer("GET /other/nothing", key), EndsWith("\r\n\r\nother?"));
  EXPECT_THAT(answer("GET /nothing", key), EndsWith("404: Not Found"));
  Client client(server_->port());
  client.send("POST /other/fail HTTP/1.1\r\nHost: x\r\n" + key +
              "\r\nGET /fail HTTP/1.1\r\nHost: x\r\n" + key + "\r\n");
  EXPECT_THAT(client.read_response(), EndsWith("other"));
  EXPECT_THAT(client.read_response(), HasSubstr("service_unavailable")) << "the next request";
}

TEST_F(ServerTest, A_key_is_asked_for_except_on_open_routes) {
  start({.api_keys = {"k1"}});
  Client client(server_->port());
  client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto refused = client.read_response();
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(refused, HasSubstr("WWW-Authenticate: Bearer\r\n"));
  client.send("GET /hello HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k1\r\n\r\n");
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200"));
  client.send("GET /open HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200"));
}

TEST(Server, A_taken_port_is_an_error_that_names_it) {
  asio::io_context io;
  Server first(io.get_executor(), {}, {});
  ASSERT_TRUE(first.start());
  Server second(io.get_executor(), {}, {.port = first.port()});
  const auto refused = second.start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBusy);
  EXPECT_THAT(refused.error().message, HasSubstr(std::to_string(first.port())));
  Server nowhere(io.get_executor(), {}, {.host = "256.1.1.1"});
  EXPECT_FALSE(nowhere.start());
}

// 127.0.0.0/8 is this machine's, 203.0.113.0/24 nobody's (RFC 5737).
TEST(Server, Listens_on_each_of_several_addresses_that_the_machine_has) {
  asio::io_context io;
  Server both(io.get_executor(), {}, {.host = "127.0.0.1, 127.0.0.2,127.0.0.1"});
  ASSERT_TRUE(both.start());
  const auto port = std::to_string(both.port());
  EXPECT_EQ(both.addresses(), (std::vector<std::string>{"127.0.0.1:" + port, "127.0.0.2:" + port}));
  Server one(io.get_executor(), {}, {.host = "203.0.113.1,127.0.0.1"});
  ASSERT_TRUE(one.start());
  EXPECT_EQ(one.addresses().size(), 1U);
  Server none(io.get_executor(), {}, {.host = "203.0.113.1,203.0.113.2"});
  EXPECT_FALSE(none.start());
  Server taken(io.get_executor(), {}, {.host = "203.0.113.1,127.0.0.2", .port = both.port()});
  EXPECT_EQ(taken.start().error().code, ErrorCode::kBusy);
  for (const char* wrong : {",", "127.0.0.1,", "127.0.0.1,,127.0.0.2"}) {
    Server refused(io.get_executor(), {}, {.host = wrong});
    EXPECT_EQ(refused.start().error().code, ErrorCode::kInvalidArgument) << wrong;
  }
}

}  // namespace
}  // namespace npu::http
