#include "device/hailort/generation/text_model.hpp"

#include <new>

#include <gmock/gmock.h>

#include "device/hailort/generation/text_session_test_support.hpp"
#include "fakes/fake_device.hpp"

namespace npu::device::hailort {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Shape kFrame{28, 56, 3};  // two tokens by its size, kPicture in truth

class TextModelTest : public testing::Test {
 protected:
  Result<Generation> generate(TextRequest request) {
    heard_.clear();
    state_.calls.clear();
    return model().generate(
        request,
        [this](std::string_view text) {
          heard_ += text;
          return true;
        },
        context_);
  }
  TextModel& model() {
    if (!model_) model_ = make_text_model(std::make_unique<ScriptedSession>(state_), state_.clock);
    return *model_;
  }
  void see() {
    state_.facts.frame = TensorSpec{"frame", DType::kUint8, kFrame};
    state_.facts.max_frames = 5;
    state_.facts.keeps_tail = false;
  }
  std::vector<TensorView> frames(std::size_t count) const {
    return std::vector<TensorView>(count, picture_.view());
  }

  ScriptedSession::State state_;
  fakes::FakeContext context_;
  std::unique_ptr<TextModel> model_;
  std::string heard_;
  Tensor picture_{DType::kUint8, kFrame, std::vector<std::byte>(28 * 56 * 3)};
};

TEST_F(TextModelTest, Answers_a_prompt_in_an_empty_context_and_leaves_an_empty_one) {
  state_.say({"It", " is", "<end>"});
  const auto done = generate({.prompt = "what is it"});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(heard_, "It is");
  EXPECT_EQ(done->stop, StopReason::kEndOfText);
  EXPECT_EQ(done->prompt_tokens, 3);
  EXPECT_EQ(done->tokens, 3);
  EXPECT_EQ(state_.prompt, "what is it");
  EXPECT_THAT(state_.calls,
              ElementsAre("clear", "start", "read", "read", "read", "finish", "clear"));
}

TEST_F(TextModelTest, Nothing_of_a_generation_is_left_where_its_listener_throws) {
  state_.say({"It", " is", " it", "<end>"});
  const auto throws = [](std::string_view) -> bool { throw std::bad_alloc(); };
  EXPECT_THROW((void)model().generate({.prompt = "what is it"}, throws, context_), std::bad_alloc);
  EXPECT_THAT(state_.calls, ElementsAre("clear", "start", "read", "abort", "finish", "clear"));
  state_.say({"Yes", "<end>"});
  EXPECT_TRUE(generate({.prompt = "again"}));
  EXPECT_EQ(heard_, "Yes");
}

TEST_F(TextModelTest, A_kept_context_is_gone_on_from) {
  state_.say({"It", "<end>"});
  ASSERT_TRUE(generate({.prompt = "what is it", .keep = true}));
  EXPECT_THAT(state_.calls, ElementsAre("clear", "start", "read", "read", "finish"));

  state_.say({"Yes", "<end>"});
  const auto done = generate({.prompt = "are you sure", .resume = true, .keep = true});
  ASSERT_TRUE(done);
  EXPECT_THAT(state_.calls, Not(Contains("clear")));
  EXPECT_EQ(done->prompt_tokens, 3);
  EXPECT_EQ(state_.prompt, "are you sure");  // the device itself has kept "<end>"
  EXPECT_EQ(state_.cached + state_.waiting, 3 + 2 + 3 + 2);
}

TEST_F(TextModelTest, A_prompt_that_does_not_fit_is_refused_before_anything_happens) {
  state_.facts.context_length = 5;
  const auto done = generate({.prompt = "one two three four five"});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(done.error().message,
            "the prompt has 5 tokens, the model's context holds 5 with the answer");
  EXPECT_THAT(state_.calls, IsEmpty());
}

TEST_F(TextModelTest, What_the_conversation_has_used_counts_when_it_is_resumed) {
  state_.facts.context_length = 10;
  state_.say({"a", "b", "<end>"});
  ASSERT_TRUE(generate({.prompt = "one two three four", .keep = true}));
  const auto more = generate({.prompt = "one two three", .resume = true, .keep = true});
  ASSERT_FALSE(more);
  EXPECT_THAT(more.error().message, HasSubstr("and the conversation before it 7"));
  EXPECT_THAT(state_.calls, IsEmpty());

  state_.say({"a"});
  EXPECT_TRUE(generate({.prompt = "one two three"}));
}

TEST_F(TextModelTest, An_answer_is_limited_to_what_is_left_of_the_context) {
  state_.facts.context_length = 10;
  state_.say({"a"});
  ASSERT_TRUE(generate({.prompt = "one two three", .sampling = {.max_tokens = 500}}));
  EXPECT_EQ(state_.settings.max_tokens, 7U);
  state_.say({"a"});
  ASSERT_TRUE(generate({.prompt = "one two three", .sampling = {.max_tokens = 5}}));
  EXPECT_EQ(state_.settings.max_tokens, 5U);
}

TEST_F(TextModelTest, Illegal_requests_do_not_reach_the_device) {
  EXPECT_EQ(generate({.prompt = ""}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(generate({.prompt = "a", .sampling = {.temperature = -1}}).error().code,
            ErrorCode::kInvalidArgument);
  const auto seen = frames(1);
  EXPECT_EQ(generate({.prompt = "a <|image_pad|>", .frames = seen}).error().message,
            "this model takes no pictures");
  EXPECT_THAT(state_.calls, IsEmpty());
}

TEST_F(TextModelTest, Cancelled_before_it_begins_nothing_is_started) {
  context_.cancel_after(0);
  const auto done = generate({.prompt = "a"});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->stop, StopReason::kCancelled);
  EXPECT_THAT(state_.calls, IsEmpty());
}

TEST_F(TextModelTest, Pictures_must_be_as_many_as_the_prompt_has_places_and_of_the_right_size) {
  see();
  const auto message = [&](std::string_view prompt, const std::vector<TensorView>& views) {
    const auto done = generate({.prompt = prompt, .frames = views});
    return done ? "taken" : done.error().message;
  };
  EXPECT_EQ(message("a <|image_pad|> <|image_pad|>", frames(1)),
            "the prompt has places for 2 pictures, there are 1");
  EXPECT_EQ(message("a <|image_pad|>", {}), "the prompt has places for 1 pictures, there are 0");
  EXPECT_EQ(message("a", frames(6)), "at most 5 pictures at once, got 6");
  Tensor small{DType::kUint8, {1, 1, 3}, std::vector<std::byte>(3)};
  EXPECT_THAT(message("<|image_pad|>", {small.view()}), HasSubstr("picture 0 must be uint8"));
  TensorView cut = picture_.view();
  cut.data = cut.data.first(9);
  EXPECT_THAT(message("<|image_pad|>", {cut}), HasSubstr("of 9 bytes"));
  EXPECT_THAT(state_.calls, IsEmpty());
}

TEST_F(TextModelTest, What_a_picture_costs_is_estimated_then_measured) {
  see();
  state_.facts.context_length = 14;
  state_.facts.defaults.max_tokens = 100;
  const auto seen = frames(1);
  state_.say({"a", "cat"});
  const auto done = generate({.prompt = "is <|image_pad|> this", .frames = seen});
  ASSERT_TRUE(done);
  EXPECT_EQ(state_.settings.max_tokens, 10U);  // 14 - 2 words - 2 by the picture's size
  EXPECT_EQ(done->prompt_tokens, 2 + ScriptedSession::kPicture);

  state_.say({"a", "cat"});
  ASSERT_TRUE(generate({.prompt = "is <|image_pad|> this", .frames = seen}));
  EXPECT_EQ(state_.settings.max_tokens, 3U);
  const auto two = frames(2);
  EXPECT_FALSE(generate({.prompt = "<|image_pad|> <|image_pad|>", .frames = two}));
}

TEST_F(TextModelTest, The_end_of_an_answer_that_the_device_forgets_is_sent_again) {
  see();
  state_.say({"a", " cat", "<end>"});
  ASSERT_TRUE(generate({.prompt = "what", .keep = true}));
  const auto saved = model().save_context();
  ASSERT_TRUE(saved);
  state_.say({"x"});
  ASSERT_TRUE(generate({.prompt = " sure", .resume = true, .keep = true}));
  EXPECT_EQ(state_.prompt, "<end> sure");

  state_.say({"x"});
  ASSERT_TRUE(generate({.prompt = "other"}));
  EXPECT_EQ(state_.prompt, "other");

  ASSERT_TRUE(model().load_context(*saved));
  EXPECT_EQ(state_.loaded, "what");
  state_.say({"x"});
  ASSERT_TRUE(generate({.prompt = " sure", .resume = true}));
  EXPECT_EQ(state_.prompt, "<end> sure");
}

TEST_F(TextModelTest, Bytes_that_are_no_context_are_refused_and_leave_an_empty_one) {
  const auto bytes = [](std::string_view text) { return std::as_bytes(std::span(text)); };
  for (const std::string_view text : {"", "abcd", "abcd\xff\xff\xff\xff"}) {
    EXPECT_EQ(model().load_context(bytes(text)).error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(state_.loaded, "");
  const std::string bad("bad context\0\0\0\0", 15);
  EXPECT_EQ(model().load_context(bytes(bad)).error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(state_.calls, ElementsAre("clear"));
}

TEST_F(TextModelTest, A_broken_generation_is_cleared_away_and_the_next_one_works) {
  state_.say({"a"});
  state_.script.push_back(fail(ErrorCode::kInternal, "broken"));
  const auto done = generate({.prompt = "one", .keep = true});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "broken");
  EXPECT_THAT(state_.calls,
              ElementsAre("clear", "start", "read", "read", "abort", "finish", "clear"));
  state_.say({"fine"});
  ASSERT_TRUE(generate({.prompt = "two"}));
  EXPECT_EQ(heard_, "fine");
}

TEST_F(TextModelTest, A_generation_that_does_not_start_is_cleared_away) {
  state_.start_fails = Error{ErrorCode::kInternal, "no"};
  ASSERT_FALSE(generate({.prompt = "one"}));
  EXPECT_THAT(state_.calls, ElementsAre("clear", "start", "finish", "clear"));
}

TEST_F(TextModelTest, Where_the_connection_is_gone_too_the_device_is_lost_and_left_alone) {
  state_.script.push_back(fail(ErrorCode::kInternal, "broken"));
  ASSERT_TRUE(model().count_tokens("one"));
  // Only from the broken read on.
  class Breaks final : public device::RunContext {
   public:
    explicit Breaks(ScriptedSession::State& state) : state_(state) {}
    bool cancelled() override {
      if (!state_.calls.empty() && state_.calls.back() == "start") {
        state_.fails = Error{ErrorCode::kInternal, "connection closed"};
      }
      return false;
    }
    bool wait_until(SteadyTime) override { return true; }

   private:
    ScriptedSession::State& state_;
  } context(state_);
  const auto done = model().generate({.prompt = "one"}, [](auto) { return true; }, context);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kDeviceLost);
  EXPECT_THAT(state_.calls, ElementsAre("clear", "start", "read", "give up"));
}

TEST_F(TextModelTest, A_device_that_went_away_is_left_alone) {
  state_.answers = false;
  const auto done = generate({.prompt = "one"});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kDeviceLost);
  EXPECT_THAT(state_.calls, ElementsAre("clear", "start", "read", "give up"));
}

TEST_F(TextModelTest, Counts_tokens_and_none_for_no_text) {
  EXPECT_EQ(model().count_tokens("one two").value(), 2);
  state_.fails = Error{ErrorCode::kInternal, "not asked"};
  EXPECT_EQ(model().count_tokens("").value(), 0);
}

}  // namespace
}  // namespace npu::device::hailort
