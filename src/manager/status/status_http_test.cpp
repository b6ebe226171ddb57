#include "manager/status/status_http.hpp"

#include <chrono>
#include <optional>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "base/version.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

namespace asio = boost::asio;

struct Page {
  int status = 0;
  std::string head;
  std::string body;
};

class StatusHttpTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_->start()); }

  Page ask(const std::string& method, const std::string& target) {
    asio::ip::tcp::socket socket(io_);
    socket.connect({asio::ip::address_v4::loopback(), server_->port()});
    asio::write(socket, asio::buffer(method + " " + target +
                                     " HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"));
    std::string text;
    bool ended = false;
    asio::async_read(socket, asio::dynamic_buffer(text),
                     [&](const auto&, std::size_t) { ended = true; });
    while (!ended) {
      io_.restart();
      if (io_.run_one_for(std::chrono::seconds(10)) == 0) break;
    }
    EXPECT_TRUE(ended) << "no answer";
    const auto end = text.find("\r\n\r\n");
    if (!text.starts_with("HTTP/1.1 ") || end == std::string::npos) return {};
    return {std::stoi(text.substr(9)), text.substr(0, end), text.substr(end + 4)};
  }
  Page get(const std::string& target) { return ask("GET", target); }

  asio::io_context io_{1};
  std::optional<std::string> trouble_;
  bool ready_ = false;
  std::unique_ptr<http::Server> server_ =
      make_status_server(io_.get_executor(), {.host = "127.0.0.1", .port = 0},
                         {.device_status = [] { return json::object{{"status", "ok"}}; },
                          .trouble = [this] { return trouble_; },
                          .ready = [this] { return ready_; },
                          .metrics = [] { return std::string("npu_up 1\n"); }});
};

TEST_F(StatusHttpTest, The_device_is_told_as_on_the_socket) {
  const Page page = get("/v1/device/status");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(json::parse(page.body), json::object({{"status", "ok"}}));
  const Page asked = get("/v1/device/status?verbose=1");
  EXPECT_EQ(asked.status, 404) << "as the reference's server says it";
  EXPECT_EQ(json::parse(asked.body), json::object({{"error", "Not found"}}));
}

TEST_F(StatusHttpTest, A_manager_that_answers_is_healthy_whatever_is_wrong_with_the_device) {
  const auto device = [&] {
    const Page page = get("/health");
    EXPECT_EQ(page.status, 200);
    const json::object body = json::parse(page.body).as_object();
    EXPECT_EQ(body.at("status"), "ok");
    EXPECT_EQ(body.at("service"), "hailo-device-manager");
    EXPECT_EQ(std::string(body.at("version").as_string()), version());
    return std::string(body.at("device").as_string());
  };
  EXPECT_EQ(device(), "ok");
  trouble_ = "waiting for device: none found";
  EXPECT_EQ(device(), "waiting for device: none found");
}

TEST_F(StatusHttpTest, It_is_ready_when_there_is_a_device) {
  EXPECT_EQ(get("/health/ready").status, 503);
  ready_ = true;
  const Page page = get("/health/ready");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(json::parse(page.body), json::object({{"ready", true}}));
}

TEST_F(StatusHttpTest, Metrics_are_a_text_that_Prometheus_reads) {
  const Page page = get("/metrics");
  EXPECT_EQ(page.body, "npu_up 1\n");
  EXPECT_NE(page.head.find("Content-Type: text/plain; version=0.0.4; charset=utf-8"),
            std::string::npos)
      << page.head;
}

TEST_F(StatusHttpTest, Other_pages_are_not_found_and_other_methods_not_supported) {
  const Page page = get("/nothing");
  EXPECT_EQ(page.status, 404);
  EXPECT_EQ(json::parse(page.body), json::object({{"error", "Not found"}}));
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "BREW"}) {
    EXPECT_EQ(ask(method, "/health").status, 501) << method;
  }
}

}  // namespace
}  // namespace npu::manager
