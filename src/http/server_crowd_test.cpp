// Many connections, of which few are honest.
#include "http/server.hpp"

#include <memory>
#include <vector>

#include <sys/resource.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server_fixture.hpp"

namespace npu::http {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kHello = "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
constexpr const char* kVital = "GET /vital HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

std::vector<Client> crowd_of(std::size_t count, std::uint16_t port, std::string_view text) {
  std::vector<Client> clients;
  for (std::size_t i = 0; i < count; ++i) {
    clients.emplace_back(port);
    clients.back().send(text);
  }
  return clients;
}

TEST_F(ServerTest, Half_sent_heads_give_way_at_once_oldest_first) {
  start({.max_connections = 2,
         .waiting_room = 2,
         .slow_after = std::chrono::hours(1),
         .header_timeout = std::chrono::hours(1)});
  auto attackers = crowd_of(40, server_->port(), "POST /echo HTTP/1.1\r\nHost: x\r\n");
  EXPECT_THAT(exchange(kHello), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(exchange(kVital), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(attackers.front().read_to_end(), "");
  attackers.back().send("Content-Length: 2\r\n\r\nab");
  EXPECT_TRUE(attackers.back().read_response().ends_with("ab"));
}

TEST_F(ServerTest, What_watches_the_service_is_answered_where_no_request_is) {
  start({.max_connections = 4, .waiting_room = 2, .slow_after = std::chrono::hours(1)});
  auto uploads = crowd_of(4, server_->port(),
                          "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabc");
  EXPECT_THAT(uploads.back().read_response(), StartsWith("HTTP/1.1 503"));
  const auto refused = exchange(kHello);
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(refused, HasSubstr("Retry-After: 1\r\n"));
  for (int i = 0; i < 3; ++i) EXPECT_THAT(exchange(kVital), StartsWith("HTTP/1.1 200"));
  uploads.front().send("d");
  EXPECT_TRUE(uploads.front().read_response().ends_with("abcd"));
  EXPECT_THAT(exchange(kHello), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, A_reader_of_vital_answers_who_does_not_read_gives_way) {
  start({.max_connections = 2, .waiting_room = 2, .stall_timeout = std::chrono::hours(1)});
  std::string pipelined;
  for (int i = 0; i < 200; ++i) pipelined += "GET /vital HTTP/1.1\r\nHost: x\r\n\r\n";
  const auto attackers = crowd_of(8, server_->port(), pipelined);
  EXPECT_THAT(exchange(kVital), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, Slow_but_steady_uploads_go_on) {
  start({.stall_timeout = Millis(400), .min_transfer_rate = 20});
  Client client(server_->port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n");
  for (int i = 0; i < 50; ++i) {
    client.send("x");
    std::this_thread::sleep_for(std::chrono::milliseconds(15));
  }
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, An_upload_below_the_floor_is_408_although_it_never_stops) {
  start({.stall_timeout = Millis(200), .min_transfer_rate = 1'000'000});
  Client client(server_->port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n");
  int sent = 0;
  while (last_status_ == 0 && client.send("x") && ++sent < 900) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 408"));
  EXPECT_LT(sent, 900);
}

TEST_F(ServerTest, All_addresses_are_listened_on_and_told) {
  start({.host = "*"});
  EXPECT_THAT(exchange(kHello), StartsWith("HTTP/1.1 200"));
  const std::string port = std::to_string(server_->port());
  EXPECT_EQ(server_->addresses().front(), "0.0.0.0:" + port);
  if (server_->addresses().size() > 1) {
    EXPECT_EQ(server_->addresses().back(), "[::]:" + port);
  }
}

TEST_F(ServerTest, No_host_is_the_default_one) {
  start({.host = ""});
  EXPECT_THAT(server_->addresses(), SizeIs(1));
  EXPECT_THAT(server_->addresses().front(), StartsWith("127.0.0.1:"));
}

TEST_F(ServerTest, Without_descriptors_idle_connections_give_way) {
  start({.max_connections = 1000});
  auto idle = crowd_of(1, server_->port(), "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.front().read_response();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  Client next(server_->port());
  next.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  next.read_response();
  Client last(Client::kLater);
  rlimit low = before;
  low.rlim_cur = static_cast<rlim_t>(last.fd()) + 1;  // nothing above is to be had
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  last.connect(server_->port());
  last.send(kHello);
  const auto answer = last.read_to_end();
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(idle.front().read_to_end(), "");
}

}  // namespace
}  // namespace npu::http
