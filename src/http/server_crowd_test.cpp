// Many connections, of which few are honest.
#include "http/server.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/resource.h>
#include <time.h>

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server_test_support.hpp"

namespace npu::http {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kHello = "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
constexpr const char* kKept = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
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

TEST_F(ServerTest, At_the_limit_nobody_gives_way_before_somebody_comes) {
  start({.max_connections = 1, .waiting_room = 1});
  Client first(server_->port());
  first.send(kKept);
  EXPECT_THAT(first.read_response(), StartsWith("HTTP/1.1 200"));
  Client second(server_->port());
  second.send(kKept);
  EXPECT_THAT(second.read_response(), StartsWith("HTTP/1.1 200"));
  first.send(kKept);
  EXPECT_THAT(first.read_response(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(exchange(kHello), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(second.read_to_end(), "") << "it had waited longest";
}

TEST_F(ServerTest, Whose_request_has_arrived_does_not_give_way_as_idle) {
  start({.max_connections = 4, .waiting_room = 0});
  auto idle = crowd_of(4, server_->port(), "");
  for (Client& client : idle) {
    client.send(kKept);
    EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200"));
  }
  std::promise<void> sent;
  asio::post(io_, [&] { sent.get_future().wait(); });
  Client newcomer(server_->port());  // of whom the server hears first
  newcomer.send(kHello);
  idle[0].send(kKept);
  sent.set_value();
  EXPECT_THAT(idle[0].read_response(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(newcomer.read_to_end(), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(idle[1].read_to_end(), "");
}

// As long as it lives this process can open nothing, unless it closes something.
class NoDescriptorsLeft {
 public:
  NoDescriptorsLeft() {
    constexpr rlim_t kFew = 256;
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit few{std::min(kFew, before_.rlim_max), before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    while (taken_.empty() || taken_.back()) {
      taken_.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    }
  }
  ~NoDescriptorsLeft() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptorsLeft(const NoDescriptorsLeft&) = delete;
  NoDescriptorsLeft& operator=(const NoDescriptorsLeft&) = delete;

 private:
  rlimit before_{};
  std::vector<UniqueFd> taken_;
};

TEST_F(ServerTest, Without_descriptors_who_is_idle_gives_way_and_others_are_turned_away) {
  start({.slow_after = std::chrono::hours(1)});
  Client idle(server_->port());
  idle.send(kKept);
  EXPECT_THAT(idle.read_response(), StartsWith("HTTP/1.1 200"));
  Client uploading(Client::kLater);
  Client newcomer(Client::kLater);
  const NoDescriptorsLeft none;
  uploading.connect(server_->port());
  uploading.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na");
  EXPECT_EQ(idle.read_to_end(), "");
  newcomer.connect(server_->port());
  EXPECT_THAT(newcomer.read_to_end(), StartsWith("HTTP/1.1 503"));
  uploading.send("b");
  EXPECT_TRUE(uploading.read_response().ends_with("ab"));
}

// Of this machine, where others than itself reach it.
std::optional<in_addr> outer_address() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return std::nullopt;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(list, &::freeifaddrs);
  for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
    const bool up = (at->ifa_flags & IFF_UP) != 0 && (at->ifa_flags & IFF_LOOPBACK) == 0;
    if (!up || at->ifa_addr == nullptr || at->ifa_addr->sa_family != AF_INET) continue;
    return reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr;
  }
  return std::nullopt;
}

TEST_F(ServerTest, A_greedy_address_leaves_places_to_others) {
  const auto other = outer_address();
  if (!other) GTEST_SKIP() << "this machine has no address but loopback";
  start({.host = "*", .max_connections = 8, .slow_after = std::chrono::hours(1)});
  auto greedy = crowd_of(20, server_->port(),
                         "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabc");
  for (std::size_t i = 4; i < greedy.size(); ++i) {
    EXPECT_THAT(greedy[i].read_response(), StartsWith("HTTP/1.1 503")) << i;
  }
  Client same(server_->port(), {.s_addr = htonl(INADDR_LOOPBACK + 1)});
  same.send(kHello);
  EXPECT_THAT(same.read_to_end(), StartsWith("HTTP/1.1 503")) << "who has one has all";
  for (int i = 0; i < 3; ++i) {
    Client honest(server_->port(), *other);
    honest.send(kHello);
    EXPECT_THAT(honest.read_to_end(), StartsWith("HTTP/1.1 200"));
  }
}

Duration processor_time() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// The descriptor that listens on the port.
int listening_on(std::uint16_t port) {
  for (int fd = 0; fd < 1024; ++fd) {
    int listens = 0;
    socklen_t size = sizeof(listens);
    sockaddr_in own{};
    socklen_t room = sizeof(own);
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0 &&
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &room) == 0 &&
        own.sin_port == htons(port)) {
      return fd;
    }
  }
  return -1;
}

TEST_F(ServerTest, A_socket_that_accepts_no_more_takes_no_processor) {
  start();
  ASSERT_EQ(::shutdown(listening_on(server_->port()), SHUT_RDWR), 0);
  const Duration before = processor_time();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_LT(processor_time() - before, std::chrono::milliseconds(15));
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

}  // namespace
}  // namespace npu::http
