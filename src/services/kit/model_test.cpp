#include "services/kit/model.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/kit/fake_network_test_support.hpp"

namespace npu::kit {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

class ModelTest : public ::testing::Test {
 protected:
  ModelTest() : model_("net", std::make_unique<FakeNetwork>(network_, Shape{4, 4, 3})) {
    EXPECT_TRUE(wait(model_.load()));
  }

  template <class T>
  T wait(awaitable<T> work) {
    std::optional<T> result;
    run([&]() -> awaitable<void> { result.emplace(co_await std::move(work)); });
    return std::move(*result);
  }
  template <class Work>
  void run(Work work) {
    asio::co_spawn(io_, std::move(work), asio::detached);
    io_.restart();
    io_.run();
  }

  Result<InferResult> infer() { return wait(model_.infer(*model_.picture(), request_)); }

  json::object health() const {
    json::object body;
    model_.add_health(body);
    return body;
  }

  asio::io_context io_;
  FakeState network_;
  Model model_;
  http::Request request_;
};

TEST_F(ModelTest, A_request_has_until_its_deadline) {
  request_.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  ASSERT_TRUE(infer());
  EXPECT_GT(network_.timeouts.at(0), Millis(1000));
  EXPECT_LE(network_.timeouts.at(0), Millis(5000));
}

TEST_F(ModelTest, Who_waits_for_it_goes_on_when_it_is_loaded) {
  run([&] { return model_.release(); });
  std::optional<bool> loaded;
  run([&]() -> awaitable<void> {
    asio::co_spawn(io_, model_.load(), [](const std::exception_ptr&, const Status&) {});
    loaded = co_await model_.wait_loaded(std::chrono::hours(1));
  });
  EXPECT_EQ(loaded, true);
}

TEST_F(ModelTest, Who_waits_for_it_waits_for_no_longer_than_he_wants) {
  run([&] { return model_.release(); });
  EXPECT_FALSE(wait(model_.wait_loaded(Millis(1))));
  EXPECT_TRUE(wait(model_.load()));  // nobody is left to be told
}

TEST_F(ModelTest, What_only_one_request_failed_with_leaves_it_loaded) {
  for (const ErrorCode code :
       {ErrorCode::kDeadlineExceeded, ErrorCode::kCancelled, ErrorCode::kOverloaded,
        ErrorCode::kQuotaExceeded, ErrorCode::kBusy, ErrorCode::kInternal}) {
    network_.failure = Error{code, "as the test wants it"};
    EXPECT_FALSE(infer());
    EXPECT_TRUE(model_.loaded());
  }
}

TEST_F(ModelTest, Clients_are_told_when_to_retry_and_no_paths) {
  network_.failure = Error{ErrorCode::kUnavailable, "no manager on /run/secret.sock"};
  const auto gone = infer();
  ASSERT_FALSE(gone);
  EXPECT_TRUE(gone.error().retry_after);
  EXPECT_THAT(gone.error().message, Not(HasSubstr("secret")));
  EXPECT_EQ(health().at("last_error"), "no manager on /run/secret.sock");
  EXPECT_FALSE(model_.loaded());
}

TEST_F(ModelTest, The_last_error_is_forgotten_when_an_inference_succeeds) {
  network_.failure = Error{ErrorCode::kInternal, "once"};
  EXPECT_FALSE(infer());
  EXPECT_EQ(health().at("last_error"), "once");
  network_.failure.reset();
  EXPECT_TRUE(infer());
  EXPECT_TRUE(health().at("last_error").is_null());
  EXPECT_EQ(health().at("inference_count"), 1);
}

TEST_F(ModelTest, A_stream_counts_when_it_has_ended) {
  network_.pieces = {{{"text", "a"}}, {{"text", "b"}}};
  auto stream = wait(model_.stream({}, request_));
  ASSERT_TRUE(stream);
  std::string text;
  for (;;) {
    const auto piece = wait(stream->next());
    ASSERT_TRUE(piece);
    if (!*piece) break;
    EXPECT_EQ(health().at("inference_count"), 0);
    text += (**piece).at("text").as_string();
  }
  EXPECT_EQ(text, "ab");
  EXPECT_EQ(health().at("inference_count"), 1);
}

TEST_F(ModelTest, A_stream_that_breaks_is_told_as_an_inference_that_fails) {
  network_.failure_after_pieces = Error{ErrorCode::kDeviceLost, "pid 7 is gone"};
  std::optional<Error> lost;
  model_.on_lost([&](const Error& error) { lost = error; });
  auto stream = wait(model_.stream({}, request_));
  ASSERT_TRUE(stream);
  const auto piece = wait(stream->next());
  ASSERT_FALSE(piece);
  EXPECT_EQ(piece.error().code, ErrorCode::kDeviceLost);
  EXPECT_THAT(piece.error().message, Not(HasSubstr("pid")));
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->message, "pid 7 is gone");
  EXPECT_FALSE(model_.loaded());
}

TEST_F(ModelTest, It_is_given_back_once) {
  run([&] { return model_.release(); });
  run([&] { return model_.release(); });
  EXPECT_EQ(network_.releases, 1);
}

}  // namespace
}  // namespace npu::kit
