#include "json/parse.hpp"

#include <chrono>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace npu::json {
namespace {

std::string list_of(std::size_t values) {  // itself is one
  std::string text = "[0";
  for (std::size_t i = 2; i < values; ++i) text += ",0";
  return text + "]";
}

std::string object_of(std::size_t members) {
  std::string text = "{";
  for (std::size_t i = 0; i < members; ++i) text += fmt::format("{}\"{}\":0", i ? "," : "", i);
  return text + "}";
}

ErrorCode code_of(const std::string& text, const Limits& limits = {}) {
  const auto parsed = parse(text, limits);
  EXPECT_FALSE(parsed) << text.substr(0, 80);
  return parsed ? ErrorCode::kInternal : parsed.error().code;
}

TEST(Parse, Broken_text_is_malformed_and_the_message_says_where) {
  for (const char* text :
       {"", " ", "{", "{\"a\":}", "nul", "{} x", "\"\xff\"", "{\"\xff\":1}", "{\"a\":1}}",
        "{'a':1}", "\"\xed\xa0\xbd\"", "[1,]", "\"\n\"", "\xef\xbb\xbf{}", "[Nan]", "NaN NaN",
        "{NaN:1}", "--Infinity", "\"\\ud83\""}) {
    const auto parsed = parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kMalformed) << text;
    EXPECT_NE(parsed.error().message.find(" at byte "), std::string::npos) << text;
  }
}

TEST(Parse, White_space_around_is_fine_and_the_last_duplicate_counts) {
  const auto parsed = parse(" \r\n{\"a\": 1, \"a\": 2}\t ");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->at("a").as_int64(), 2);
}

TEST(Parse, Every_kind_of_value_is_read) {
  const std::string text =
      R"({"a":[1,-2,18446744073709551615,0.5,-1E2,true,false,null,"\u00e9\n\"x",[],{}]})";
  const auto parsed = parse(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, boost::json::parse(text));
}

TEST(Parse, Nesting_is_bounded) {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_TRUE(parse(nested(32)));
  EXPECT_EQ(code_of(nested(33)), ErrorCode::kMalformed);
  EXPECT_EQ(code_of(std::string(1'000'000, '[')), ErrorCode::kMalformed);
}

TEST(Parse, Values_are_counted_and_what_stands_in_strings_is_none) {
  EXPECT_TRUE(parse(list_of(100), {.values = 100}));
  EXPECT_EQ(code_of(list_of(101), {.values = 100}), ErrorCode::kTooLarge);
  EXPECT_EQ(code_of(R"({"a":)" + list_of(100) + "}", {.values = 100}), ErrorCode::kTooLarge);
  EXPECT_TRUE(parse(R"(["\",,,,,,,,,[{\\", ",,,,,,,"])", {.values = 3}));
  const auto refused = parse(list_of(Limits().values + 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "more than 4194304 JSON values");
  EXPECT_TRUE(parse(list_of(4 * 60 * 16000))) << "minutes of audio as a list of numbers";
}

TEST(Parse, Members_of_an_object_are_counted_duplicates_too) {
  const auto largest = parse(object_of(kMaxMembers));
  ASSERT_TRUE(largest);
  EXPECT_EQ(largest->get_object().size(), kMaxMembers);
  const auto refused = parse(object_of(kMaxMembers + 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(refused.error().message, "an object of more than 4096 members");
  std::string same = "{\"a\":0";
  for (std::size_t i = 0; i < kMaxMembers; ++i) same += ",\"a\":0";
  EXPECT_EQ(code_of(same + "}"), ErrorCode::kTooLarge);
}

TEST(Parse, Objects_of_many_members_are_bounded_together_and_small_ones_are_not) {
  const auto objects = [](std::size_t count, std::size_t members) {
    std::string text = "[" + object_of(members);
    for (std::size_t i = 1; i < count; ++i) text += "," + object_of(members);
    return text + "]";
  };
  EXPECT_TRUE(parse(objects(16, kMaxMembers / 4)));
  EXPECT_EQ(code_of(objects(17, kMaxMembers / 4)), ErrorCode::kTooLarge);
  EXPECT_TRUE(parse(objects(5000, kFewMembers)));
}

TEST(Parse, A_key_is_bounded) {
  const auto keyed = [](std::size_t bytes) {
    return R"({")" + std::string(bytes, 'k') + R"(":1})";
  };
  EXPECT_TRUE(parse(keyed(kMaxKeyBytes)));
  EXPECT_EQ(code_of(keyed(kMaxKeyBytes + 1)), ErrorCode::kTooLarge);
  EXPECT_EQ(code_of(R"({"\n)" + std::string(kMaxKeyBytes, 'k') + R"(":1})"), ErrorCode::kTooLarge);
}

TEST(Parse, A_lone_surrogate_is_the_replacement_character_in_keys_too) {
  const auto parsed = parse(R"({"\udc00":["cut \ud83d","\ud83d\ude00"]})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, boost::json::parse("{\"\uFFFD\":[\"cut \uFFFD\",\"\U0001F600\"]}"));
}

struct Collected final : StringSink {
  void begin() override {
    ++strings;
    text.clear();
  }
  void add(std::string_view piece) override { text += piece; }
  std::string text;
  int strings = 0;
};

TEST(ParseApart, A_string_of_the_outermost_object_goes_to_the_sink) {
  const std::string large(100'000, 'x');
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {R"({"a":1,"image":")" + large + R"(","b":"c"})", large, R"({"a":1,"image":"","b":"c"})"},
      {R"({"image":"\u0061\n\/)" + large + R"(\u00e9"})", "a\n/" + large + "\u00e9",
       R"({"image":""})"},
      {R"({"im\u0061ge":"x","image":""})", "", R"({"image":""})"},
      {R"({"im\u0061ge":"x"})", "x", R"({"image":""})"},
      {R"({"image":"x","image":null})", "x", R"({"image":null})"}};
  for (const auto& [text, collected, value] : cases) {
    Collected sink;
    const auto parsed = parse_apart(text, "image", sink, {});
    ASSERT_TRUE(parsed) << text.substr(0, 100);
    EXPECT_EQ(*parsed, boost::json::parse(value)) << text.substr(0, 100);
    EXPECT_EQ(sink.text, collected) << text.substr(0, 100);
  }
}

TEST(ParseApart, Others_of_its_name_are_values) {
  for (const char* text :
       {R"(["image","x"])", R"([{"image":"x"}])", R"({"a":{"image":"x"},"b":"x"})",
        R"({"image":{"image":"x"}})", R"({"image":["x"]})", R"({"image":1,"b":"x"})"}) {
    Collected sink;
    const auto parsed = parse_apart(text, "image", sink, {});
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, boost::json::parse(text));
    EXPECT_EQ(sink.strings, 0) << text;
  }
}

TEST(ParseApart, What_is_kept_beside_it_is_bounded) {
  const auto code_beside = [](const std::string& text) {
    Collected sink;
    const auto parsed = parse_apart(text, "image", sink, {.text_bytes = 1000});
    return parsed ? ErrorCode::kInternal : parsed.error().code;
  };
  const std::string large(1001, 'x');
  EXPECT_EQ(code_beside(R"({"image":")" + large + R"("})"), ErrorCode::kInternal);
  EXPECT_EQ(code_beside(R"({"other":")" + large + R"("})"), ErrorCode::kTooLarge);
  EXPECT_EQ(code_beside(R"({"other":"\n)" + large + R"("})"), ErrorCode::kTooLarge);
  EXPECT_EQ(code_beside(R"({")" + large + R"(":1})"), ErrorCode::kTooLarge);
  EXPECT_EQ(code_beside(R"({"image":"\ud83d"})"), ErrorCode::kMalformed);
}

TEST(ParseRequest, Numbers_that_are_none_are_told_and_the_rest_is_read) {
  for (const char* number : {"NaN", "Infinity", "-Infinity", "1e400", "-1e400"}) {
    const std::string text = fmt::format(R"({{"request_id":"a\ud83d","x":[1, {}]}})", number);
    const auto parsed = parse_request(text);
    ASSERT_TRUE(parsed) << text;
    ASSERT_FALSE(parsed->numbers) << text;
    EXPECT_EQ(parsed->numbers.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(parsed->value.at("request_id"), "a\uFFFD");
    EXPECT_EQ(code_of(text), ErrorCode::kMalformed);
  }
}

TEST(ParseRequest, A_stop_ends_the_work) {
  std::stop_source source;
  EXPECT_TRUE(parse_request(list_of(10'000), {}, source.get_token()));
  source.request_stop();
  const auto parsed = parse_request(list_of(10'000), {}, source.get_token());
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace npu::json
