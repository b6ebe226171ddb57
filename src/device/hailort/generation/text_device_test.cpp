// Generations of language models, against the fake of HailoRT.
#include <map>
#include <thread>

#include <gmock/gmock.h>

#include "device/hailort/generation/text_test_support.hpp"

namespace npu::device::hailort {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST_F(HailortText, Streams_an_answer_in_order_and_hides_its_end) {
  const auto model = load("talker");
  const auto done = say(*model, {.prompt = "12345678"});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_THAT(pieces_, ElementsAre("one", " two", " three", " four", " five", " six", " seven",
                                   " eight", " nine", " ten"));
  EXPECT_EQ(done->stop, StopReason::kEndOfText);
  EXPECT_EQ(done->prompt_tokens, 2);
  EXPECT_EQ(done->tokens, 11);
}

TEST_F(HailortText, Every_sampling_that_is_right_for_the_port_is_legal_for_HailoRT) {
  const auto model = load("chooser");
  for (const Sampling& sampling :
       {Sampling{.temperature = 0}, Sampling{.temperature = 0, .top_k = 0}, Sampling{.top_p = 0},
        Sampling{.top_p = 1, .top_k = 1'000'000}, Sampling{.repetition_penalty = 1.5F},
        Sampling{.temperature = 100, .top_p = 2, .repetition_penalty = 0}}) {
    EXPECT_TRUE(say(*model, {.prompt = "prompt", .sampling = sampling}));
  }
  const auto illegal = say(*model, {.prompt = "prompt", .sampling = {.repetition_penalty = -1}});
  ASSERT_FALSE(illegal);
  EXPECT_EQ(illegal.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(HailortText, The_same_seed_says_the_same_and_others_something_else) {
  const auto model = load("chooser");
  std::map<std::string, int> all;
  for (std::uint32_t seed = 0; seed < 3; ++seed) {
    ASSERT_TRUE(say(*model, {.prompt = "prompt", .sampling = {.seed = seed}}));
    const std::string first = said();
    ++all[first];
    ASSERT_TRUE(say(*model, {.prompt = "prompt", .sampling = {.seed = seed}}));
    EXPECT_EQ(said(), first);
  }
  EXPECT_EQ(all.size(), 3U);
}

TEST_F(HailortText, Ends_at_the_most_tokens_and_can_be_asked_again) {
  const auto model = load("talker");
  for (int round = 0; round < 3; ++round) {
    const auto done = say(*model, {.prompt = "12345678", .sampling = {.max_tokens = 3}});
    ASSERT_TRUE(done);
    EXPECT_EQ(said(), "one two three");
    EXPECT_EQ(done->stop, StopReason::kMaxTokens);
    EXPECT_EQ(done->tokens, 3);
  }
}

TEST_F(HailortText, An_answer_ends_before_the_context_wraps) {
  const auto model = load("talker");
  const std::string prompt(4 * 55, 'p');
  const auto done = say(*model, {.prompt = prompt});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->prompt_tokens, 55);
  EXPECT_EQ(done->tokens, 5);
  EXPECT_EQ(said(), "one two three four five");
  EXPECT_EQ(done->stop, StopReason::kMaxTokens);

  const std::string too_long(4 * 60, 'p');
  const auto refused = say(*model, {.prompt = too_long});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(HailortText, Longer_than_the_queue_of_HailoRT_an_answer_comes_whole) {
  const auto model = load("endless");
  const auto done = say(*model, {.prompt = "prompt", .sampling = {.max_tokens = 3000}});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(pieces_.size(), 1500U);
}

TEST_F(HailortText, A_kept_context_is_resumed_and_counted) {
  const auto model = load("talker");
  const std::string prompt(4 * 20, 'p');
  ASSERT_TRUE(say(*model, {.prompt = prompt, .keep = true}));                  // 20 + 11 of 60
  ASSERT_TRUE(say(*model, {.prompt = "1234", .resume = true, .keep = true}));  // and 1 + 11
  const auto full = say(*model, {.prompt = prompt, .resume = true, .keep = true});
  ASSERT_FALSE(full);
  EXPECT_THAT(full.error().message, HasSubstr("the conversation before it 43"));
  EXPECT_TRUE(say(*model, {.prompt = prompt}));                  // begins anew
  EXPECT_TRUE(say(*model, {.prompt = prompt, .resume = true}));  // that was not kept
}

TEST_F(HailortText, A_context_is_saved_and_loaded_by_its_own_model_only) {
  const auto model = load("talker");
  const std::string prompt(4 * 20, 'p');
  ASSERT_TRUE(say(*model, {.prompt = prompt, .keep = true}));
  const auto saved = model->save_context();
  ASSERT_TRUE(saved) << saved.error().message;
  ASSERT_TRUE(say(*model, {.prompt = "other"}));
  ASSERT_TRUE(model->load_context(*saved));
  const auto done = say(*model, {.prompt = std::string(4 * 29, 'p'), .resume = true});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("the conversation before it 31"));

  auto foreign = *saved;
  foreign[8] ^= std::byte{0xFF};  // in what names the model
  const auto refused = model->load_context(foreign);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(say(*model, {.prompt = prompt, .resume = true}));  // in an empty context
}

TEST_F(HailortText, Cancelled_while_it_talks_it_stops_after_a_token_or_two) {
  const auto model = load("talker");
  on_piece_ = [this] {
    if (pieces_.size() == 2) context_.cancel();
    return true;
  };
  const auto done = say(*model, {.prompt = "prompt"});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->stop, StopReason::kCancelled);
  EXPECT_THAT(pieces_, ElementsAre("one", " two"));
  EXPECT_LT(done->tokens, 10);
}

TEST_F(HailortText, Cancelled_while_it_reads_the_prompt_it_stops_when_that_is_done) {
  const auto model = load_impatient("slow", {.read = 50ms});
  const auto begin = std::chrono::steady_clock::now();
  int questions = 0;
  context_.on_question = [&] {
    if (++questions == 3) context_.cancel();  // the first is asked before the start
  };
  const auto done = say(*model, {.prompt = "prompt"});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->stop, StopReason::kCancelled);
  EXPECT_THAT(pieces_, IsEmpty());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 600ms);
}

TEST_F(HailortText, After_a_cancellation_the_next_answer_is_as_if_nothing_had_been) {
  const auto model = load("talker");
  on_piece_ = [this] {
    context_.cancel();
    return true;
  };
  ASSERT_TRUE(say(*model, {.prompt = "prompt", .keep = true}));
  on_piece_ = nullptr;
  TestContext fresh;
  std::string text;
  const auto done = model->generate(
      {.prompt = "12345678"},
      [&](std::string_view piece) {
        text += piece;
        return true;
      },
      fresh);
  ASSERT_TRUE(done);
  EXPECT_EQ(text, "one two three four five six seven eight nine ten");
  EXPECT_EQ(done->prompt_tokens, 2);
}

TEST_F(HailortText, A_listener_ends_the_answer) {
  const auto model = load("talker");
  on_piece_ = [this] { return pieces_.size() < 3; };
  const auto done = say(*model, {.prompt = "prompt"});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->stop, StopReason::kEndOfText);
  EXPECT_EQ(said(), "one two three");
  on_piece_ = nullptr;
  ASSERT_TRUE(say(*model, {.prompt = "prompt"}));
  EXPECT_EQ(pieces_.size(), 10U);
}

TEST_F(HailortText, A_slow_token_is_waited_for) {
  const auto model = load_impatient("talker", {.read = 20ms});
  fault("[{op: read, kind: slow, delay_ms: 300, after: 2}]");
  const auto done = say(*model, {.prompt = "prompt"});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(pieces_.size(), 10U);
}

TEST_F(HailortText, An_error_of_the_device_ends_the_answer_but_not_the_model) {
  const auto model = load_impatient("talker", {.read = 50ms});
  fault("[{op: read, kind: error, after: 3}]");
  const auto broken = say(*model, {.prompt = "prompt", .keep = true});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kInternal);
  EXPECT_THAT(broken.error().message, StartsWith("the device broke off the generation"));
  const auto done = say(*model, {.prompt = "12345678", .resume = true});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(pieces_.size(), 10U);
}

TEST_F(HailortText, An_error_that_HailoRT_keeps_to_itself_since_tokens_are_queued_is_found) {
  const auto model = load_impatient("talker", {.read = 50ms});
  fault("[{op: read, kind: error, after: 3}]");
  on_piece_ = [] {
    std::this_thread::sleep_for(30ms);  // the device is faster
    return true;
  };
  const auto broken = say(*model, {.prompt = "prompt"});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kInternal);
  EXPECT_THAT(pieces_, ElementsAre("one", " two", " three"));
  on_piece_ = nullptr;
  EXPECT_TRUE(say(*model, {.prompt = "prompt"}));
}

TEST_F(HailortText, A_generation_that_does_not_start_leaves_a_model_that_works) {
  const auto model = load("talker");
  fault("[{op: infer, kind: error}]");
  EXPECT_FALSE(say(*model, {.prompt = "prompt"}));
  EXPECT_TRUE(say(*model, {.prompt = "prompt"}));
}

TEST_F(HailortText, Shows_pictures_as_the_prompt_has_places_for_them) {
  const auto model = load("seer");
  ASSERT_TRUE(model->frame());
  EXPECT_EQ(model->frame()->shape, kFrame);
  EXPECT_EQ(model->frame()->dtype, DType::kUint8);
  const std::vector<TensorView> one{picture_.view()};
  const std::string prompt = "<|vision_start|><|image_pad|><|vision_end|>What is this?";
  const auto done = say(*model, {.prompt = prompt, .frames = one, .keep = true});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(said(), "a cat");
  EXPECT_GE(done->prompt_tokens, model->count_tokens(prompt).value());
  EXPECT_TRUE(say(*model, {.prompt = "\nAre you sure?", .resume = true}));

  const auto without = say(*model, {.prompt = prompt});
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::kInvalidArgument);
  const auto too_many = say(*model, {.prompt = "no place", .frames = one});
  ASSERT_FALSE(too_many);
  EXPECT_EQ(too_many.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(say(*model, {.prompt = prompt, .frames = one}));
}

TEST_F(HailortText, The_tokens_of_a_picture_are_counted_in_its_context) {
  const auto model = load("seer");
  const std::vector<TensorView> many(5, picture_.view());
  const std::string prompt = places(5);
  const int text = model->count_tokens(prompt).value();
  const auto done = say(*model, {.prompt = prompt, .frames = many});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->prompt_tokens, text + 5 * 3);  // four each in place of one
}

TEST_F(HailortText, More_pictures_than_HailoRT_takes_do_not_reach_it) {
  const auto model = load("seer");
  const std::vector<TensorView> six(6, picture_.view());
  const std::string prompt = places(6);
  const auto done = say(*model, {.prompt = prompt, .frames = six});
  if (version_is("5.1.1")) {
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "at most 5 pictures at once, got 6");
  } else {
    EXPECT_TRUE(done) << done.error().message;
  }
}

}  // namespace
}  // namespace npu::device::hailort
