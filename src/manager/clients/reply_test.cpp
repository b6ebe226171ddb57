#include "manager/clients/reply.hpp"

#include <cstring>

#include <gtest/gtest.h>

namespace npu::manager {
namespace json = boost::json;
namespace {

class ReplyTest : public testing::Test {
 protected:
  ReplyTest() {
    region_ = registry_.add(SharedMemory::create(256).value());
    std::memcpy(region_->bytes().data() + 64, "abcdef", 6);
    reply_.result = std::make_shared<InferResult>();
    reply_.result->region = region_;
    reply_.result->inference_ms = 1.6;
    reply_.request_id = "7";
    describe(region_->number());
  }

  void describe(std::int64_t number, std::int64_t offset = 64) {
    reply_.result->result = {
        {"a", {{"dtype", "uint8"}, {"shape", {2}}, {"region", number}, {"offset", offset}}},
        {"b", {{{"dtype", "uint8"}, {"shape", {4}}, {"region", number}, {"offset", offset + 2}}}}};
  }

  // The JSON of the message; its lengths are checked.
  json::value body(const OutMessage& message) {
    std::string_view text = message.head;
    const auto length = [&] {
      const auto bytes = std::as_bytes(std::span(text)).first<4>();
      text.remove_prefix(4);
      return wire::decode_length(bytes);
    };
    EXPECT_EQ(length(), message.bytes() - 4);
    if (style_.layout == wire::Layout::kTail) {
      const std::size_t json_size = length();
      EXPECT_EQ(json_size, text.size());
    }
    return json::parse(text);
  }

  RegionRegistry registry_;
  RegionPtr region_;
  InferReply reply_;
  ReplyStyle style_;
};

TEST_F(ReplyTest, Base64_for_version_1) {
  EXPECT_EQ(base64_bytes(reply_, style_), 6U);
  EXPECT_EQ(
      body(make_infer_reply(reply_, style_).value()),
      json::parse(R"({"status":"ok","result":{"a":{"dtype":"uint8","shape":[2],"data_b64":"YWI="},
                "b":[{"dtype":"uint8","shape":[4],"data_b64":"Y2RlZg=="}]},"inference_time_ms":2,
                "request_id":7})"));
}

TEST_F(ReplyTest, A_warning_goes_with_it) {
  reply_.warning = "as \"interactive\"";
  EXPECT_EQ(body(make_infer_reply(reply_, style_).value()).at("warning"), "as \"interactive\"");
}

TEST_F(ReplyTest, A_large_tail_points_into_the_result_itself) {
  style_.layout = wire::Layout::kTail;
  constexpr std::int64_t kLarge = 100'000;
  region_ = registry_.add(SharedMemory::create(kLarge).value());
  reply_.result->region = region_;
  const auto number = static_cast<std::int64_t>(region_->number());
  reply_.result->result = {
      {"dtype", "uint8"}, {"shape", {kLarge}}, {"region", number}, {"offset", 0}};
  const auto message = make_infer_reply(reply_, style_).value();
  ASSERT_EQ(message.tail.size(), 1U);
  EXPECT_EQ(message.tail[0].iov_base, region_->bytes().data());
  EXPECT_EQ(message.keep.size(), 1U);
  EXPECT_EQ(body(message).at("result").at("tail"), (json::array{0, kLarge}));
}

TEST_F(ReplyTest, A_small_tail_keeps_nothing_of_the_result) {
  style_.layout = wire::Layout::kTail;
  auto message = make_infer_reply(reply_, style_).value();
  EXPECT_TRUE(message.tail.empty());
  EXPECT_TRUE(message.keep.empty());
  ASSERT_TRUE(message.head.ends_with("abcdef"));
  const std::size_t bytes = message.head.size() - 6;
  const auto length = std::as_bytes(std::span(message.head)).first<4>();
  EXPECT_EQ(wire::decode_length(length), bytes + 6 - 4);
  const std::string_view text = std::string_view(message.head).substr(8, bytes - 8);
  EXPECT_EQ(json::parse(text).at("result").at("b").at(0).at("tail"), (json::array{2, 4}));
}

TEST_F(ReplyTest, A_named_place_is_told_by_the_clients_number) {
  reply_.result->region.reset();
  reply_.output = OutputPlace{region_, 3, 64, 128};
  const auto value = body(make_infer_reply(reply_, style_).value());
  EXPECT_EQ(value.at("result").at("a"),
            json::parse(R"({"dtype":"uint8","shape":[2],"region":3,"offset":64})"));
}

TEST_F(ReplyTest, A_worker_that_names_other_memory_is_not_believed) {
  for (const auto layout : {wire::Layout::kJson, wire::Layout::kTail}) {
    style_.layout = layout;
    describe(99);
    EXPECT_EQ(make_infer_reply(reply_, style_).error().code, ErrorCode::kInternal);
    describe(region_->number(), 254);
    EXPECT_EQ(make_infer_reply(reply_, style_).error().code, ErrorCode::kInternal);
  }
}

TEST_F(ReplyTest, A_reply_over_the_limit_is_refused_with_its_size) {
  style_.max_bytes = 100;
  const auto message = make_infer_reply(reply_, style_);
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(message.error().message.starts_with("Response too large: "));
}

TEST_F(ReplyTest, Errors_have_a_code_only_after_a_hello) {
  const Error error{ErrorCode::kOverloaded, "full", Millis(40)};
  EXPECT_EQ(error_body(error, style_), json::parse(R"({"error":"full"})"));
  style_.with_code = true;
  EXPECT_EQ(error_body(error, style_),
            json::parse(R"({"error":"full","code":"overloaded","retry_after_ms":40})"));
}

TEST_F(ReplyTest, The_request_id_is_appended_verbatim) {
  EXPECT_EQ(body(make_reply({{"status", "ok"}}, R"({"a":[1,""]})", style_).value()),
            json::parse(R"({"status":"ok","request_id":{"a":[1,""]}})"));
}

}  // namespace
}  // namespace npu::manager
