#include <npu/client_types.hpp>

#include <gtest/gtest.h>

namespace npu {
namespace {

InferResult result_of(const char* json) {
  InferResult result;
  result.value = boost::json::parse(json);
  return result;
}

TEST(GenerationResult, Is_read_from_a_result_with_details) {
  const auto result = result_of(
      R"({"text": "Hi", "stop_reason": "stop", "stop_string": "X", "prompt_tokens": 9, "cached_tokens": 4, "context": 3,
          "tokens": 2,
          "first_token_ms": 30, "generation_ms": 50, "total_ms": 80, "ignored": ["min_p"]})");
  EXPECT_EQ(*result.text(), "Hi");
  const auto generation = result.generation();
  ASSERT_TRUE(generation) << generation.error().message;
  EXPECT_EQ(generation->text, "Hi");
  EXPECT_EQ(generation->stop_reason, "stop");
  EXPECT_EQ(generation->stop_string, "X");
  EXPECT_EQ(generation->prompt_tokens, 9);
  EXPECT_EQ(generation->cached_tokens, 4);
  EXPECT_EQ(generation->context, 3);
  EXPECT_EQ(generation->tokens, 2);
  EXPECT_EQ(generation->first_token, Millis(30));
  EXPECT_EQ(generation->generation, Millis(50));
  EXPECT_EQ(generation->total, Millis(80));
  EXPECT_EQ(generation->ignored, std::vector<std::string>{"min_p"});
}

TEST(GenerationResult, What_is_not_said_is_nothing_and_a_text_has_no_details) {
  const auto brief = result_of(R"({"text": "", "stop_reason": "length"})").generation();
  ASSERT_TRUE(brief);
  EXPECT_FALSE(brief->stop_string || brief->first_token);
  EXPECT_EQ(brief->tokens, 0);
  EXPECT_FALSE(result_of(R"("Hi")").generation());
  EXPECT_EQ(*result_of(R"("Hi")").text(), "Hi");
  EXPECT_FALSE(result_of(R"({"segments": []})").text());
  EXPECT_FALSE(result_of(R"({"text": 5, "stop_reason": "stop"})").generation());
}

}  // namespace
}  // namespace npu
