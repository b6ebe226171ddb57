#include "services/kit/bands.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace npu::kit {
namespace {

namespace asio = boost::asio;

// "0123456789" again and again.
class Digits final : public Bands {
 public:
  Digits(std::size_t bytes, std::size_t& made) : left_(bytes), made_(made) {}

  const std::string& next(std::size_t bytes) override {
    text_.clear();
    while (text_.size() < bytes && left_ > 0) {
      text_ += static_cast<char>('0' + made_++ % 10);
      --left_;
    }
    return text_;
  }
  bool ended() const override { return left_ == 0; }

 private:
  std::string text_;
  std::size_t left_;
  std::size_t& made_;
};

class Reader final : public http::StreamWriter {
 public:
  awaitable<Status> write(std::string_view bytes) override {
    if (text.size() >= gone_after) co_return fail(ErrorCode::kCancelled, "the client is gone");
    text += bytes;
    largest = std::max(largest, bytes.size());
    co_return Status{};
  }
  std::string text;
  std::size_t largest = 0;
  std::size_t gone_after = std::string::npos;
};

class BandsTest : public ::testing::Test {
 protected:
  Result<http::Response> answer(std::size_t bytes) {
    std::optional<Result<http::Response>> response;
    run([&]() -> awaitable<void> {
      response.emplace(
          co_await in_bands(pool_, request_, "text/plain", [&]() -> Result<std::unique_ptr<Bands>> {
            return std::make_unique<Digits>(bytes, made_);
          }));
    });
    return std::move(*response);
  }
  Status read(http::Response& response, Reader& reader) {
    Status status;
    run([&]() -> awaitable<void> { status = co_await response.stream(reader); });
    return status;
  }
  template <class Work>
  void run(Work work) {
    asio::co_spawn(io_, std::move(work), asio::detached);
    io_.restart();
    io_.run();
  }

  asio::io_context io_;
  http::WorkPool pool_{{.threads = 1}};
  http::Request request_;
  std::size_t made_ = 0;
};

TEST_F(BandsTest, A_short_answer_is_no_stream) {
  const auto response = answer(1000);
  ASSERT_TRUE(response);
  EXPECT_FALSE(response->stream);
  EXPECT_EQ(response->body.size(), 1000U);
  EXPECT_TRUE(response->body.starts_with("0123456789012"));
}

TEST_F(BandsTest, A_long_one_comes_whole_and_in_small_parts) {
  const std::size_t kBytes = 3'000'001;
  auto response = answer(kBytes);
  ASSERT_TRUE(response && response->stream);
  EXPECT_LT(made_, kBytes / 4);
  Reader reader;
  ASSERT_TRUE(read(*response, reader));
  ASSERT_EQ(reader.text.size(), kBytes);
  EXPECT_LT(reader.largest, kBytes / 4);
  for (std::size_t i = 0; i < kBytes; ++i) ASSERT_EQ(reader.text[i], '0' + i % 10) << i;
}

TEST_F(BandsTest, What_nobody_reads_is_not_made) {
  auto response = answer(100'000'000);
  ASSERT_TRUE(response && response->stream);
  Reader reader;
  reader.gone_after = 1'000'000;
  EXPECT_EQ(read(*response, reader).error().code, ErrorCode::kCancelled);
  EXPECT_LT(made_, 3'000'000U);
}

TEST_F(BandsTest, What_cannot_be_made_fails_the_request) {
  run([&]() -> awaitable<void> {
    const auto response = co_await in_bands(
        pool_, request_, "text/plain",
        []() -> Result<std::unique_ptr<Bands>> { return fail(ErrorCode::kTooLarge, "too large"); });
    EXPECT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::kTooLarge);
  });
}

}  // namespace
}  // namespace npu::kit
