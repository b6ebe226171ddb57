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

TEST(NumberText, The_number_of_a_member_is_told_as_it_is_written) {
  EXPECT_EQ(number_text(R"({"id":123456789012345678901234567890})", "id"),
            "123456789012345678901234567890");
  EXPECT_EQ(number_text(R"( { "a" : [ { "id" : 1 } , "id" ] , "id" : -0.10e+2 } )", "id"),
            "-0.10e+2");
  EXPECT_EQ(number_text(R"({"id":1,"id":2})", "id"), "2") << "of duplicates the last one counts";
  EXPECT_EQ(number_text(R"({"a":"id","b":"\"id\":3","id":4})", "id"), "4");
  for (const char* text : {"{}", R"({"id":"5"})", R"({"id":[6]})", R"({"x":{"id":7}})",
                           R"({"x":"id"})", R"({"i\u0064":8})"}) {
    EXPECT_EQ(number_text(text, "id"), "") << text;
  }
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

TEST(Payload, Values_are_counted_before_they_take_memory_and_what_stands_in_strings_is_none) {
  const auto list = [](std::size_t values) {  // the list itself is one
    std::string text = "[0";
    for (std::size_t i = 2; i < values; ++i) text += ",0";
    return text + "]";
  };
  EXPECT_TRUE(parse_json(list(100), 100));
  EXPECT_FALSE(parse_json(list(101), 100));
  EXPECT_FALSE(parse_json(R"({"a":)" + list(100) + "}", 100));
  EXPECT_FALSE(parse_json(R"({"\\":)" + list(100) + "}", 100));
  const std::string commas(1000, ',');
  EXPECT_TRUE(parse_json(R"(["\")" + commas + R"([{\\", ")" + commas + "\"]", 3));
  const auto refused = parse_json(list(kMaxValues + 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(refused.error().message, "Message too large: more than 4194304 JSON values");
}

TEST(Payload, Minutes_of_audio_as_a_list_of_numbers_pass) {
  std::string audio = "[-0.25";
  for (int i = 1; i < 4 * 60 * 16000; ++i) audio += ",-0.25";
  const auto parsed = parse_json(audio + "]");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->get_array().size(), 4u * 60 * 16000);
}

TEST(Payload, Nesting_is_bounded_and_the_last_duplicate_key_counts) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_TRUE(parse_payload(bytes_of(nested(31)), Layout::kJson));
  EXPECT_FALSE(parse_payload(bytes_of(nested(32)), Layout::kJson));
  EXPECT_FALSE(parse_payload(bytes_of(nested(1'000'000)), Layout::kJson));
  EXPECT_EQ(parse_payload(bytes_of(R"({"a":1,"a":2})"), Layout::kJson)->body.at("a"), 2);
}

}  // namespace
}  // namespace npu::wire
