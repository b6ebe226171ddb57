#include "families/generation/chat.hpp"

#include <gtest/gtest.h>

namespace npu::families {
namespace {

namespace json = boost::json;

std::string error_of(const char* prompt, std::size_t frames = 0) {
  const auto chat = parse_chat(json::parse(prompt), frames);
  return chat ? "no error" : chat.error().message;
}

TEST(Chat, A_list_keeps_roles_and_the_order_of_parts) {
  const auto chat = parse_chat(json::parse(R"([
      {"role": "system", "content": "Be brief."},
      {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image"}]}])"),
                               1);
  ASSERT_TRUE(chat) << chat.error().message;
  ASSERT_EQ(chat->size(), 2U);
  EXPECT_EQ(chat->at(0).parts.at(0).text, "Be brief.");
  EXPECT_EQ(chat->at(1).parts.at(0).text, "a");
  EXPECT_TRUE(chat->at(1).parts.at(1).picture);
}

TEST(Chat, Pictures_and_placeholders_must_be_equally_many) {
  const char* kOne = R"([{"role": "user", "content": [{"type": "image"}]}])";
  EXPECT_EQ(error_of(kOne, 1), "no error");
  EXPECT_EQ(error_of(kOne, 0),
            "prompt has 1 image parts and frames has 0 pictures; they must be equal");
  EXPECT_EQ(error_of(R"([{"role": "user", "content": "hi"}])", 1),
            "prompt has 0 image parts and frames has 1 pictures; they must be equal");
}

TEST(Chat, What_is_no_conversation_is_named) {
  EXPECT_EQ(error_of("5"), "prompt must be a string or a list of messages, got 5");
  EXPECT_EQ(error_of("{}"), "prompt must be a string or a list of messages, got an object");
  EXPECT_EQ(error_of("[]"), "prompt must have at least one message");
  EXPECT_EQ(error_of("[1]"), "prompt[0] must be an object with role and content, got 1");
  EXPECT_EQ(error_of(R"([{"content": "x"}])"),
            "prompt[0].role must be system, user or assistant, got nothing");
  EXPECT_EQ(error_of(R"([{"role": "tool", "content": "x"}])"),
            "prompt[0].role must be system, user or assistant, got \"tool\"");
  EXPECT_EQ(error_of(R"([{"role": ["user"], "content": "x"}])"),
            "prompt[0].role must be system, user or assistant, got a list");
  EXPECT_EQ(error_of(R"([{"role": "user"}])"),
            "prompt[0].content must be a string or a list of parts");
  EXPECT_EQ(error_of(R"([{"role": "user", "content": ["x"]}])"),
            "prompt[0].content[0] must be an object with a type, got \"x\"");
  EXPECT_EQ(error_of(R"([{"role": "user", "content": [{"text": "x"}]}])"),
            "prompt[0].content[0].type must be text or image, got nothing");
  EXPECT_EQ(error_of(R"([{"role": "user", "content": [{"type": "video"}]}])"),
            "prompt[0].content[0].type must be text or image, got \"video\"");
  EXPECT_EQ(error_of(R"([{"role": "user", "content": [{"type": "text"}]}])"),
            "prompt[0].content[0].text must be a string");
}

TEST(Chat, A_long_value_is_cut_in_messages_without_breaking_a_letter) {
  const std::string role = std::string(31, 'x') + "\u00e4\u00e4";
  EXPECT_EQ(
      error_of((R"([{"role": ")" + role + R"(", "content": "x"}])").c_str()),
      "prompt[0].role must be system, user or assistant, got \"" + std::string(31, 'x') + "\"...");
}

}  // namespace
}  // namespace npu::families
