#include "families/generation/text_generator.hpp"

#include <gtest/gtest.h>

#include "fakes/fake_device.hpp"
#include "fakes/fake_request.hpp"

namespace npu::families {
namespace {

namespace json = boost::json;

class TextGeneratorTest : public testing::Test {
 protected:
  void load(std::vector<std::string> pieces, std::string chat_template = {}) {
    device_.text_models["m"] = {.frame = std::nullopt,
                                .context_length = 512,
                                .pieces = std::move(pieces),
                                .chat_template = std::move(chat_template),
                                .support = {},
                                .clock = &clock_,
                                .token_time = Millis(100)};
    generator_ = std::make_unique<TextGenerator>(
        std::move(*device_.load_text({"m"}, context_)),
        GeneratorOptions{.takes_frames = false, .no_prompt = "no prompt"}, clock_);
    input_.set("prompt", json::value("Hello"));
  }
  Result<json::value> infer() { return generator_->infer(input_, output_, context_); }
  std::string answer() {
    const auto result = infer();
    return result ? json::serialize(*result) : "error: " + result.error().message;
  }
  std::string streamed() const {
    std::string all;
    for (const auto& event : output_.events) all += event.at("text").as_string();
    return all;
  }

  FakeClock clock_;
  fakes::FakeDevice device_;
  fakes::FakeContext context_;
  fakes::FakeInput input_;
  fakes::FakeOutput output_;
  std::unique_ptr<TextGenerator> generator_;
};

TEST_F(TextGeneratorTest, The_answer_is_a_text_unless_details_are_asked_for) {
  load({"A", " cat", ".<|im_end|>"});
  EXPECT_EQ(answer(), R"("A cat.")");
  input_.set("details", json::value(true));
  EXPECT_EQ(answer(), R"({"text":"A cat.","stop_reason":"stop","prompt_tokens":5,"tokens":3,)"
                      R"("first_token_ms":100,"generation_ms":200,"total_ms":300})");
}

TEST_F(TextGeneratorTest, Details_say_what_ended_the_answer_and_what_had_no_effect) {
  load({"A", " cat", "."});
  input_.set("details", json::value(true));
  input_.set("max_generated_tokens", json::value(2));
  input_.set("min_p", json::value(0.1));
  const auto result = infer();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->at("stop_reason"), "length");
  EXPECT_EQ(result->at("tokens"), 2);
  EXPECT_EQ(result->at("ignored"), json::array{"min_p"});
}

TEST_F(TextGeneratorTest, An_empty_answer_has_details_too) {
  load({"A"});
  input_.set("details", json::value(true));
  input_.set("max_generated_tokens", json::value(0));
  EXPECT_EQ(answer(), R"({"text":"","stop_reason":"length","prompt_tokens":5,"tokens":0,)"
                      R"("generation_ms":0,"total_ms":0})");
  EXPECT_TRUE(device_.prompts.empty());
}

TEST_F(TextGeneratorTest, A_stop_string_ends_the_answer_and_the_generation) {
  load({"One", ". T", "wo", ". ", "Three", "."});
  input_.set("stop", json::array{"Three", "Two"});
  input_.set("details", json::value(true));
  const auto result = infer();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->at("text"), "One. ");
  EXPECT_EQ(result->at("stop_reason"), "stop");
  EXPECT_EQ(result->at("stop_string"), "Two");
  EXPECT_EQ(result->at("tokens"), 3) << "no more than are needed to know";
  EXPECT_EQ(streamed(), "One. ");
}

TEST_F(TextGeneratorTest, What_was_only_the_beginning_of_a_stop_string_is_said) {
  load({"One", " T", "w<|im_end|>"});
  input_.set("stop", json::value("Two"));
  EXPECT_EQ(answer(), R"("One Tw")");
  EXPECT_EQ(streamed(), "One Tw");
}

TEST_F(TextGeneratorTest, A_conversation_is_written_in_the_models_own_format) {
  load({"Hi<|eot_id|>"},
       "<|start_header_id|>... strftime_now Cutting Knowledge Date: December 2023");
  clock_.advance(std::chrono::hours(24 * 365));
  input_.set("prompt", json::array{json::object{{"role", "user"}, {"content", "Hello"}}});
  EXPECT_EQ(answer(), R"("Hi")");
  EXPECT_EQ(device_.prompts.at(0).text,
            "<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n"
            "Today Date: 01 Jan 1971\n\n<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n");
}

TEST_F(TextGeneratorTest, A_conversation_in_an_unknown_format_is_refused_and_a_text_is_not) {
  load({"Hi"}, "[INST]");
  EXPECT_EQ(answer(), R"("Hi")");
  input_.set("prompt", json::array{json::object{{"role", "user"}, {"content", "Hello"}}});
  const auto result = infer();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnsupported);
}

TEST_F(TextGeneratorTest, A_model_of_texts_says_that_it_sees_nothing) {
  load({"Hi"});
  input_.set("frames", json::array());
  EXPECT_EQ(answer(), R"("Hi")");
  input_.set("frames", json::array{1});
  EXPECT_EQ(answer(), "error: llm takes no pictures: a vlm does");
}

}  // namespace
}  // namespace npu::families
