#include "http/service_host.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "http/server_test_support.hpp"

namespace npu::http {
namespace {

TEST(HostConfig, What_twelve_services_hold_by_default_is_a_sixth_of_8_GB) {
  const HostConfig config;
  EXPECT_LE(12 * (config.max_body_memory_mb + config.max_unsent_mb), 8192 / 6);
}

// A host on its own thread that stops on a signal, as a service does.
class ServiceHostTest : public ::testing::Test {
 protected:
  void start() {
    config_.name = "test-service";
    config_.port_file = ::testing::TempDir() + "host-" + std::to_string(::getpid());
    config_.shutdown_grace_ms = 300'000;
    host_.emplace(config_);
  }

  void run() {
    host_->in_background([this]() -> awaitable<void> {
      running_.set_value();
      co_return;
    });
    thread_ = std::thread([this] { exit_status_ = host_->run(); });
    running_.get_future().wait();
    on_loop([] {});  // it listens to signals
  }

  int stop() {
    ::kill(::getpid(), SIGTERM);
    thread_.join();
    std::filesystem::remove(config_.port_file);
    return exit_status_;
  }

  boost::json::object readiness() {
    std::uint16_t port = 0;
    std::ifstream(config_.port_file) >> port;
    Client client(port);
    client.send("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string answer = client.read_response();
    const auto body = boost::json::parse(answer.substr(answer.find("\r\n\r\n") + 4)).as_object();
    EXPECT_EQ(answer.starts_with("HTTP/1.1 200"), body.at("ready").as_bool());
    return body;
  }

  // Runs on the host's event loop, and is over when this returns.
  void on_loop(const std::function<void()>& work) {
    std::promise<void> done;
    asio::post(host_->executor(), [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  HostConfig config_;
  std::optional<ServiceHost> host_;
  std::promise<void> running_;
  std::thread thread_;
  int exit_status_ = -1;
};

TEST_F(ServiceHostTest, It_is_ready_when_everything_is_and_says_what_is_missing) {
  start();
  Condition& model = host_->readiness().add("model", "model_loading");
  Condition& voice = host_->readiness().add("voice", "voice_missing");
  run();
  const boost::json::value both = boost::json::parse(R"({
      "ready": false, "reason": "model_loading", "conditions": [
        {"name": "model", "reason": "model_loading"}, {"name": "voice", "reason": "voice_missing"}]})");
  EXPECT_EQ(boost::json::value(readiness()), both);
  on_loop([&] {
    model.set_ready();
    voice.set_not_ready("voice_missing", "no file en.onnx");
  });
  const boost::json::value one = boost::json::parse(R"({
      "ready": false, "reason": "voice_missing", "detail": "no file en.onnx", "conditions": [
        {"name": "voice", "reason": "voice_missing", "detail": "no file en.onnx"}]})");
  EXPECT_EQ(boost::json::value(readiness()), one);
  on_loop([&] { voice.set_ready(); });
  EXPECT_EQ(boost::json::value(readiness()), boost::json::parse(R"({"ready": true})"));
  EXPECT_EQ(stop(), 0);
}

TEST_F(ServiceHostTest, All_stop_tasks_run_to_their_end_whatever_becomes_of_one) {
  start();
  int ended = 0;
  const auto slow = [&]() -> awaitable<void> {
    asio::steady_timer timer(co_await asio::this_coro::executor, Millis(5));
    co_await timer.async_wait(asio::use_awaitable);
    ++ended;
  };
  host_->on_stop(slow);
  host_->on_stop([]() -> awaitable<void> {
    throw std::runtime_error("as the test wants it");
    co_return;
  });
  host_->on_stop(slow);
  run();
  EXPECT_EQ(stop(), 0);
  EXPECT_EQ(ended, 2);
}

}  // namespace
}  // namespace npu::http
