#include "http/url_fetch.hpp"

#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "http/public_address.hpp"
#include "http/server.hpp"

namespace npu::http {
namespace {

sockaddr_storage address_of(const std::string& text) {
  sockaddr_storage storage{};
  auto* in = reinterpret_cast<sockaddr_in*>(&storage);
  auto* in6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (::inet_pton(AF_INET, text.c_str(), &in->sin_addr) == 1) {
    storage.ss_family = AF_INET;
  } else {
    EXPECT_EQ(::inet_pton(AF_INET6, text.c_str(), &in6->sin6_addr), 1) << text;
    storage.ss_family = AF_INET6;
  }
  return storage;
}

bool is_public_text(const std::string& text) {
  const sockaddr_storage address = address_of(text);
  return is_public(reinterpret_cast<const sockaddr&>(address));
}

bool is_on_link_text(const std::string& text) {
  const sockaddr_storage address = address_of(text);
  return is_on_link(reinterpret_cast<const sockaddr&>(address));
}

TEST(PublicAddress, Only_global_unicast_is_public) {
  for (const char* text :
       {"8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "192.167.1.1", "100.63.0.1",
        "100.128.0.1", "223.255.255.255", "2606:4700::1111", "2002:808:808::1"}) {
    EXPECT_TRUE(is_public_text(text)) << text;
  }
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "127.0.0.1",
                           "127.255.0.1",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "198.19.0.1",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:8.8.8.8",
                           "fe80::1",
                           "fc00::1",
                           "fd12::1",
                           "ff02::1",
                           "64:ff9b::7f00:1",
                           "2001:db8::1",
                           "2001::1",
                           "2002:7f00:1::1",
                           "2002:a00:1::"}) {
    EXPECT_FALSE(is_public_text(text)) << text;
  }
}

TEST(PublicAddress, Neighbours_are_on_link) {
  EXPECT_TRUE(is_on_link_text("127.0.0.1"));
  EXPECT_TRUE(is_on_link_text("127.8.9.1"));  // the loopback network has 8 bits
  EXPECT_FALSE(is_on_link_text("203.0.113.9"));
  EXPECT_FALSE(is_on_link_text("2001:db8::9"));
}

class FetchTest : public ::testing::Test {
 protected:
  FetchTest() {
    Router router;
    router.get("/ok",
               [](Request) -> awaitable<Result<Response>> { co_return Response::text("picture"); });
    router.get("/moved", [](Request) -> awaitable<Result<Response>> {
      Response response = Response::text("", 302);
      response.headers.set("Location", "/ok");
      co_return response;
    });
    router.get("/loop", [](Request) -> awaitable<Result<Response>> {
      Response response = Response::text("", 302);
      response.headers.set("Location", "/loop");
      co_return response;
    });
    router.get("/escape", [](Request request) -> awaitable<Result<Response>> {
      Response response = Response::text("", 302);
      response.headers.set("Location", std::string(*request.query.get("to")));
      co_return response;
    });
    router.get("/large", [](Request) -> awaitable<Result<Response>> {
      co_return Response::streaming("a/b", [](StreamWriter& out) -> awaitable<Status> {
        const std::string piece(1000, 'x');
        Status written;
        for (int i = 0; i < 10 && written; ++i) written = co_await out.write(piece);
        co_return written;
      });
    });
    server_.emplace(io_.get_executor(), std::move(router), ServerOptions{});
    EXPECT_TRUE(server_->start());
    base_ = "http://127.0.0.1:" + std::to_string(server_->port());
    thread_ = std::thread([this] { io_.run(); });
  }
  ~FetchTest() override {
    boost::asio::co_spawn(io_, server_->shutdown(Millis(0)), boost::asio::use_future).get();
    thread_.join();
  }

  ErrorCode failure(const std::string& url, FetchOptions options = {}) {
    const auto body = fetch_url(url, options);
    EXPECT_FALSE(body) << url;
    return body ? ErrorCode::kInternal : body.error().code;
  }

  boost::asio::io_context io_;
  std::optional<Server> server_;
  std::string base_;
  std::thread thread_;
  FetchOptions local_{.private_hosts = {"127.0.0.1"}};
};

TEST_F(FetchTest, A_host_that_is_allowed_is_fetched_and_redirects_are_followed) {
  EXPECT_EQ(fetch_url(base_ + "/ok", local_).value_or(""), "picture");
  EXPECT_EQ(fetch_url(base_ + "/moved", local_).value_or(""), "picture");
}

TEST_F(FetchTest, Private_addresses_are_refused_however_they_are_written) {
  const std::string port = base_.substr(base_.rfind(':'));
  for (const char* host : {"127.0.0.1", "localhost", "0x7f000001", "2130706433", "127.1", "[::1]",
                           "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "10.0.0.1"}) {
    EXPECT_EQ(failure("http://" + std::string(host) + port + "/ok"), ErrorCode::kPermission)
        << host;
  }
}

TEST_F(FetchTest, Being_allowed_one_private_host_does_not_open_another) {
  const std::string port = base_.substr(base_.rfind(':'));
  EXPECT_EQ(failure("http://localhost" + port + "/ok", local_), ErrorCode::kPermission);
  EXPECT_EQ(failure(base_ + "/escape?to=http://localhost" + port + "/ok", local_),
            ErrorCode::kPermission);
}

TEST_F(FetchTest, Other_schemes_and_broken_urls_are_refused) {
  for (const char* url : {"file:///etc/passwd", "ftp://example.com/", "gopher://x/", "", "nonsense",
                          "http://", "http://user:pw@example.com/", "http:///x"}) {
    EXPECT_EQ(failure(url), ErrorCode::kInvalidArgument) << url;
  }
  EXPECT_EQ(failure(base_ + "/escape?to=file:///etc/passwd", local_), ErrorCode::kInvalidArgument);
}

TEST_F(FetchTest, Sizes_redirects_and_statuses_are_bounded) {
  FetchOptions small = local_;
  small.max_bytes = 5000;
  EXPECT_EQ(failure(base_ + "/large", small), ErrorCode::kTooLarge);
  small.max_bytes = 10'000;
  EXPECT_EQ(fetch_url(base_ + "/large", small).value_or("").size(), 10'000U);
  EXPECT_EQ(failure(base_ + "/loop", local_), ErrorCode::kInvalidArgument);
  EXPECT_EQ(failure(base_ + "/missing", local_), ErrorCode::kInvalidArgument);
}

TEST_F(FetchTest, A_server_that_is_silent_costs_no_more_than_the_timeout) {
  const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(silent, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(silent, 1), 0);
  ASSERT_EQ(::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size), 0);
  FetchOptions brief = local_;
  brief.timeout = Millis(50);
  EXPECT_EQ(failure("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/", brief),
            ErrorCode::kDeadlineExceeded);
  ::close(silent);
}

}  // namespace
}  // namespace npu::http
