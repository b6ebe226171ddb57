#include "wire/frame.hpp"

#include <cstring>

#include <gtest/gtest.h>

namespace npu::wire {
namespace {

std::string text_of(const Buffer& buffer) {
  return {reinterpret_cast<const char*>(buffer.bytes.data()), buffer.bytes.size()};
}

// Feeds text in chunks and returns the payloads that came out.
std::vector<std::string> read_all(FrameReader& reader, std::string_view text, std::size_t chunk) {
  std::vector<std::string> payloads;
  while (!text.empty()) {
    const auto space = reader.prepare();
    EXPECT_FALSE(space.empty());
    const std::size_t n = std::min({chunk, space.size(), text.size()});
    std::memcpy(space.data(), text.data(), n);
    text.remove_prefix(n);
    EXPECT_TRUE(reader.commit(n));
    while (auto payload = reader.next()) payloads.push_back(text_of(*payload));
  }
  return payloads;
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(FrameReader, Payloads_come_out_whole_however_the_stream_is_cut) {
  const std::string big(100'000, 'b');
  const std::string stream =
      encode_text("one") + encode_text("") + encode_text(big) + encode_text("two");
  for (const std::size_t chunk : {1U, 3U, 4U, 5U, 1000U, 16384U, 1'000'000U}) {
    FrameReader reader;
    const auto payloads = read_all(reader, stream, chunk);
    ASSERT_EQ(payloads, (std::vector<std::string>{"one", "", big, "two"})) << chunk;
    EXPECT_TRUE(reader.at_boundary());
  }
}

TEST(FrameReader, A_payload_of_exactly_the_limit_passes_and_one_more_byte_does_not) {
  FrameReader fits(10);
  EXPECT_EQ(read_all(fits, encode_text("0123456789"), 7).size(), 1U);
  FrameReader over(10);
  const std::string frame = encode_text("0123456789a");
  std::memcpy(over.prepare().data(), frame.data(), 4);
  const auto refused = over.commit(4);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(refused.error().message, "Message too large: 11 bytes");
}

TEST(FrameReader, A_stream_that_ends_inside_a_frame_is_not_at_a_boundary) {
  FrameReader reader;
  EXPECT_TRUE(reader.at_boundary());
  read_all(reader, std::string_view("\0\0", 2), 2);
  EXPECT_FALSE(reader.at_boundary());
  FrameReader body;
  read_all(body, encode_text(std::string(50'000, 'x')).substr(0, 30'000), 30'000);
  EXPECT_FALSE(body.at_boundary());
}

TEST(FrameReader, Large_payloads_are_received_into_memory_of_the_given_source) {
  std::vector<std::size_t> asked;
  FrameReader reader(kDefaultMaxPayload, [&](std::size_t bytes) {
    asked.push_back(bytes);
    return heap_buffer(bytes);
  });
  read_all(reader, encode_text(std::string(70'000, 'x')), 4096);
  EXPECT_EQ(asked, std::vector<std::size_t>{70'000});
}

TEST(FrameReader, Memory_grows_with_what_arrives) {
  FrameReader reader;
  std::string stream = encode_text(std::string(10'000'000, 'x'));
  std::memset(stream.data() + 4, 'y', 1);
  std::size_t sent = 0;
  std::size_t most = 0;
  while (sent < stream.size()) {
    const auto space = reader.prepare();
    most = std::max(most, space.size());
    EXPECT_LE(space.size(), std::max<std::size_t>(sent, 64 << 10)) << "after " << sent << " bytes";
    const std::size_t n = std::min(space.size(), stream.size() - sent);
    std::memcpy(space.data(), stream.data() + sent, n);
    ASSERT_TRUE(reader.commit(n));
    sent += n;
  }
  const auto payload = reader.next();
  ASSERT_TRUE(payload);
  EXPECT_EQ(std::memcmp(payload->bytes.data(), stream.data() + 4, stream.size() - 4), 0);
  EXPECT_TRUE(reader.at_boundary());
}

TEST(Payload, JSON_and_tail_are_told_apart) {
  const std::string frame = encode_message({{"a", 1}}, Layout::kTail, 3) + "xyz";
  const auto message = parse_payload(bytes_of(std::string_view(frame).substr(4)), Layout::kTail);
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message->body.at("a"), 1);
  EXPECT_EQ(message->tail.size(), 3U);
  EXPECT_EQ(static_cast<char>(message->tail[2]), 'z');
  EXPECT_EQ(decode_length(bytes_of(frame).first<4>()), frame.size() - 4);
}

TEST(Payload, Lengths_that_contradict_each_other_are_malformed) {
  EXPECT_EQ(parse_payload(bytes_of("abc"), Layout::kTail).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(
      parse_payload(bytes_of(std::string_view("\0\0\0\x05{}", 6)), Layout::kTail).error().code,
      ErrorCode::kMalformed);
  EXPECT_EQ(parse_payload(bytes_of(std::string_view("\xff\xff\xff\xff{}", 6)), Layout::kTail)
                .error()
                .code,
            ErrorCode::kMalformed);
}

TEST(Payload, What_is_not_JSON_is_malformed_and_what_is_no_object_is_invalid) {
  for (const std::string_view text : {"", " ", "{", "{}x", "{\"a\":\"\xff\"}", "{'a':1}", "nul"}) {
    EXPECT_EQ(parse_payload(bytes_of(text), Layout::kJson).error().code, ErrorCode::kMalformed)
        << text;
  }
  for (const std::string_view text : {"null", "[]", "1", "\"x\""}) {
    EXPECT_EQ(parse_payload(bytes_of(text), Layout::kJson).error().code,
              ErrorCode::kInvalidArgument)
        << text;
  }
}

TEST(Payload, What_is_over_a_limit_is_too_large) {
  const auto message = parse_payload(bytes_of("[0,0,0]"), Layout::kJson, {.values = 3});
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(message.error().message, "Message too large: more than 3 JSON values");
  EXPECT_EQ(parse_payload(bytes_of(std::string(33, '[')), Layout::kJson).error().message,
            "invalid JSON: more than 32 levels at byte 32");
}

TEST(Payload, Numbers_that_are_none_leave_the_rest_of_a_request_to_be_answered) {
  const auto request = parse_request(bytes_of(R"({"request_id":7,"x":NaN})"), Layout::kJson);
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->numbers);
  EXPECT_EQ(request->body.at("request_id"), 7);
  EXPECT_EQ(parse_payload(bytes_of(R"({"x":NaN})"), Layout::kJson).error().code,
            ErrorCode::kMalformed);
}

}  // namespace
}  // namespace npu::wire
