#include "services/kit/model_keeper.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "services/kit/fake_network_test_support.hpp"

namespace npu::kit {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

class ModelKeeperTest : public ::testing::Test {
 protected:
  ModelKeeperTest()
      : model_("net", std::make_unique<FakeNetwork>(network_, Shape{4, 4, 3})),
        keeper_(model_, condition_, io_.get_executor(),
                {.first = Millis(1), .longest = Millis(2), .least = Millis(1)}) {
    EXPECT_EQ(condition_.reason(), "model_loading");
    asio::co_spawn(io_, keeper_.run(), [](const std::exception_ptr&) {});
  }

  template <class Predicate>
  void run_until(Predicate holds) {
    io_.restart();
    while (!holds()) io_.run_one();
  }
  void run_until_ready() {
    run_until([this] { return condition_.ready(); });
  }

  json::object health() const {
    json::object body;
    model_.add_health(body);
    return body;
  }

  // Why not ready when a request has just failed with `code`; empty: still ready.
  std::string reason_after(ErrorCode code) {
    std::optional<std::string> reason;
    network_.failure = Error{code, "as the test wants it"};
    asio::co_spawn(
        io_,
        [&]() -> awaitable<void> {
          const http::Request request;
          EXPECT_FALSE(co_await model_.infer(*model_.picture(), request));
          reason = condition_.reason();
        },
        asio::detached);
    // Before the keeper looks for itself.
    run_until([&] { return reason.has_value(); });
    return *reason;
  }

  asio::io_context io_;
  FakeState network_;
  Model model_;
  http::Condition condition_{"model"};
  ModelKeeper keeper_;
};

TEST_F(ModelKeeperTest, What_every_request_would_fail_with_ends_being_ready_until_it_loads_again) {
  const std::pair<ErrorCode, std::string> cases[] = {
      {ErrorCode::kUnavailable, "manager_unavailable"},
      {ErrorCode::kDeviceLost, "device_unavailable"},
      {ErrorCode::kVersionMismatch, "device_unavailable"},
      {ErrorCode::kInvalidArgument, "model_loading"},
      {ErrorCode::kNotFound, "model_loading"},
      {ErrorCode::kPermission, "model_loading"},
      {ErrorCode::kDoesNotFit, "model_loading"},
      {ErrorCode::kUnsupported, "model_loading"},
      {ErrorCode::kMalformed, "model_loading"}};
  run_until_ready();
  for (const auto& [code, reason] : cases) {
    EXPECT_EQ(reason_after(code), reason);
    EXPECT_EQ(health().at("model_loaded"), false);
    network_.failure.reset();
    run_until_ready();
    EXPECT_EQ(health().at("model_loaded"), true);
  }
}

TEST_F(ModelKeeperTest, A_load_that_fails_is_tried_again) {
  network_.failure = Error{ErrorCode::kDoesNotFit, "no room"};
  run_until([this] { return network_.loads > 2; });
  EXPECT_FALSE(condition_.ready());
  EXPECT_EQ(condition_.detail(), "no room");
  network_.failure.reset();
  run_until_ready();
}

TEST_F(ModelKeeperTest, A_model_that_is_gone_is_noticed_without_a_request) {
  run_until_ready();
  network_.failure = Error{ErrorCode::kNotFound, "unloaded"};
  keeper_.look();
  run_until([&] { return !condition_.ready(); });
  EXPECT_EQ(condition_.reason(), "model_loading");
  EXPECT_EQ(condition_.detail(), "unloaded");
  EXPECT_EQ(health().at("last_error"), "unloaded");
}

}  // namespace
}  // namespace npu::kit
