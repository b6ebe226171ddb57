#include "families/generation/conversations.hpp"

#include <gtest/gtest.h>

#include "fakes/fake_device.hpp"
#include "fakes/fake_request.hpp"
#include "families/generation/text_generator.hpp"

namespace npu::families {
namespace {

namespace json = boost::json;

constexpr Asker kAnna{.client = 1, .user = 1000};
constexpr Asker kBert{.client = 2, .user = 1001};

struct Ask {
  std::optional<std::int64_t> context = std::nullopt;
  bool keep = true;
  std::vector<std::uint8_t> pictures = {};  // a shade each
};

// Turns of conversations whose prompts are texts, each asked with the whole text so far.
class ConversationsTest : public testing::Test {
 protected:
  void load(std::size_t most_bytes = kDefaultContextBytes) {
    device_.text_models["m"] = {.frame = TensorSpec{"frame", DType::kUint8, {1, 1, 3}},
                                .context_length = 4096,
                                .pieces = {" yes", "<|im_", "end|>"}};
    generator_ = std::make_unique<TextGenerator>(
        std::move(*device_.load_text({"m"}, context_)),
        GeneratorOptions{.takes_frames = true, .no_prompt = "", .context_bytes = most_bytes},
        clock_);
  }

  // The details of the answer.
  json::object ask(const Asker& asker, const std::string& prompt, const Ask& how = {}) {
    fakes::FakeInput input;
    fakes::FakeOutput output;
    input.ask_as(asker);
    input.set("prompt", json::value(prompt));
    input.set("details", json::value(true));
    if (how.context) input.set("context", json::value(*how.context));
    if (how.keep) input.set("keep_context", json::value(true));
    json::array frames;
    for (const auto shade : how.pictures) {
      frames.push_back(input.add(
          fakes::make_tensor(DType::kUint8, {1, 1, 3}, std::vector<std::uint8_t>(3, shade))));
    }
    input.set("frames", std::move(frames));
    const auto result = generator_->infer(input, output, context_);
    if (!result) return {{"error", result.error().message}};
    return result->as_object();
  }
  std::int64_t kept(const Asker& asker, const std::string& prompt, const Ask& how = {}) {
    const auto answer = ask(asker, prompt, how);
    const auto* id = answer.if_contains("context");
    return id != nullptr ? id->to_number<std::int64_t>() : 0;
  }
  const fakes::FakeDevice::Prompt& last() const { return device_.prompts.back(); }

  static constexpr const char* kTurn = "q1 yes<|im_end|>";

  FakeClock clock_;
  fakes::FakeDevice device_;
  fakes::FakeContext context_;
  std::unique_ptr<TextGenerator> generator_;
};

TEST_F(ConversationsTest, The_next_turn_reads_only_what_is_new) {
  load();
  const auto id = kept(kAnna, "q1");
  ASSERT_EQ(id, 1);
  const auto answer = ask(kAnna, std::string(kTurn) + "q2", {.context = id});
  EXPECT_EQ(answer.at("context"), id) << "the number stays";
  EXPECT_EQ(answer.at("cached_tokens"), 2 + 3);
  EXPECT_EQ(answer.at("prompt_tokens"), 5 + 2);
  EXPECT_EQ(last().text, "q2");
  EXPECT_TRUE(last().resume);
  EXPECT_EQ(last().context, kTurn);
  EXPECT_EQ(device_.saves, 0) << "it had stayed on the device";
}

TEST_F(ConversationsTest, What_the_device_said_untold_belongs_to_what_it_holds) {
  load();
  device_.text_models["m"].untold = "<end>";
  generator_ = std::make_unique<TextGenerator>(std::move(*device_.load_text({"m"}, context_)),
                                               GeneratorOptions{}, clock_);
  const auto id = kept(kAnna, "q1");
  ask(kAnna, "q1 yes<|im_end|><end>q2", {.context = id});
  EXPECT_EQ(last().text, "q2");
}

TEST_F(ConversationsTest, Conversations_take_turns_on_the_device) {
  load();
  const auto anna = kept(kAnna, "q1");
  const auto bert = kept(kBert, "q1");
  EXPECT_NE(anna, bert);
  EXPECT_EQ(device_.saves, 1);
  ask(kAnna, std::string(kTurn) + "q2", {.context = anna});
  EXPECT_EQ(last().text, "q2");
  EXPECT_EQ(last().context, kTurn);
  EXPECT_EQ(device_.context_loads, 1);
  ask(kBert, std::string(kTurn) + "q3", {.context = bert});
  EXPECT_EQ(last().text, "q3");
  EXPECT_EQ(device_.context_loads, 2);
}

TEST_F(ConversationsTest, A_question_in_between_that_keeps_nothing_leaves_it_alone) {
  load();
  const auto id = kept(kAnna, "q1");
  const auto between = ask(kBert, "something else", {.keep = false});
  EXPECT_FALSE(between.contains("context"));
  EXPECT_FALSE(last().resume);
  ask(kAnna, std::string(kTurn) + "q2", {.context = id});
  EXPECT_EQ(last().text, "q2");
}

TEST_F(ConversationsTest, Another_clients_number_is_not_used_and_stays_his) {
  load();
  const auto id = kept(kAnna, "q1");
  const auto answer = ask(kBert, std::string(kTurn) + "q2", {.context = id});
  EXPECT_FALSE(answer.contains("cached_tokens"));
  EXPECT_NE(answer.at("context"), id);
  EXPECT_EQ(last().text, std::string(kTurn) + "q2");
  EXPECT_FALSE(last().resume);
  ask(kAnna, std::string(kTurn) + "q2", {.context = id});
  EXPECT_EQ(last().text, "q2");
}

TEST_F(ConversationsTest, A_prompt_that_does_not_go_on_from_it_is_read_whole) {
  load();
  const auto id = kept(kAnna, "q1");
  for (const char* prompt : {"q1 no<|im_end|>q2", "q", kTurn}) {
    const auto answer = ask(kAnna, prompt, {.context = id});
    EXPECT_FALSE(answer.contains("cached_tokens")) << prompt;
    EXPECT_EQ(answer.at("context"), id) << prompt;
    EXPECT_EQ(last().text, prompt);
  }
}

TEST_F(ConversationsTest, Pictures_that_were_seen_are_not_sent_again_and_others_count) {
  load();
  const std::string kSee = "<|image_pad|>";
  const std::string kSeen = kSee + " yes<|im_end|>";
  const auto id = kept(kAnna, kSee, {.pictures = {1}});
  ask(kAnna, kSeen + "and", {.context = id, .pictures = {1}});
  EXPECT_EQ(last().text, "and");
  EXPECT_EQ(last().frames, 0U);
  const auto more = kept(kAnna, kSee, {.pictures = {1}});
  ask(kAnna, kSeen + kSee, {.context = more, .pictures = {1, 2}});
  EXPECT_EQ(last().text, kSeen + kSee) << "there is a new one";
  EXPECT_EQ(last().frames, 2U);
  const auto other = kept(kAnna, kSee, {.pictures = {1}});
  ask(kAnna, kSeen + "and", {.context = other, .pictures = {9}});
  EXPECT_EQ(last().text, kSeen + "and") << "it has seen another picture";
  EXPECT_EQ(last().frames, 1U);
}

TEST_F(ConversationsTest, The_last_turn_ends_it) {
  load();
  const auto id = kept(kAnna, "q1");
  ask(kAnna, std::string(kTurn) + "q2", {.context = id, .keep = false});
  EXPECT_EQ(last().text, "q2");
  EXPECT_FALSE(last().keep);
  ask(kAnna, std::string(kTurn) + "q2", {.context = id});
  EXPECT_FALSE(last().resume);
}

TEST_F(ConversationsTest, It_ends_with_its_client) {
  load();
  const auto id = kept(kAnna, "q1");
  kept(kBert, "q1");
  generator_->forget(kAnna.client);
  ask(kAnna, std::string(kTurn) + "q2", {.context = id});
  EXPECT_FALSE(last().resume);
  EXPECT_EQ(device_.context_loads, 0);
}

TEST_F(ConversationsTest, A_turn_that_fails_costs_what_was_only_on_the_device) {
  load();
  const auto id = kept(kAnna, "q1");
  context_.cancel_after(1);
  EXPECT_EQ(ask(kAnna, std::string(kTurn) + "q2", {.context = id}).at("error"), "cancelled");
  context_ = fakes::FakeContext();
  const auto answer = ask(kAnna, std::string(kTurn) + "q2", {.context = id});
  EXPECT_EQ(answer.at("text"), " yes");
  EXPECT_FALSE(answer.contains("cached_tokens"));
}

TEST_F(ConversationsTest, A_turn_that_fails_leaves_what_was_saved) {
  load();
  const auto id = kept(kAnna, "q1");
  kept(kBert, "q1");
  context_.cancel_after(1);
  ask(kAnna, std::string(kTurn) + "q2", {.context = id});
  context_ = fakes::FakeContext();
  ask(kAnna, std::string(kTurn) + "q2", {.context = id});
  EXPECT_EQ(last().text, "q2");
}

TEST_F(ConversationsTest, A_device_that_cannot_save_or_load_answers_all_the_same) {
  load();
  device_.save_error = Error{ErrorCode::kUnsupported, "cannot"};
  const auto id = kept(kAnna, "q1");
  kept(kBert, "q1");
  ask(kAnna, std::string(kTurn) + "q2", {.context = id});
  EXPECT_EQ(last().text, std::string(kTurn) + "q2");
  device_.save_error.reset();
  device_.load_error = Error{ErrorCode::kInvalidArgument, "these bytes are not a context"};
  const auto again = kept(kAnna, "q1");
  kept(kBert, "q1");
  EXPECT_EQ(ask(kAnna, std::string(kTurn) + "q2", {.context = again}).at("text"), " yes");
  EXPECT_FALSE(last().resume);
  device_.load_error = Error{ErrorCode::kDeviceLost, "gone"};
  const auto third = kept(kAnna, "q1");
  kept(kBert, "q1");
  EXPECT_EQ(ask(kAnna, std::string(kTurn) + "q2", {.context = third}).at("error"), "gone");
}

TEST_F(ConversationsTest, Over_the_bound_the_oldest_of_the_user_who_holds_most_gives_way) {
  load(std::size_t{3} << 20);  // three that are small
  const auto bert = kept(kBert, "q1");
  std::int64_t anna[3] = {};
  for (auto& id : anna) id = kept(kAnna, "q1");
  ask(kBert, std::string(kTurn) + "q2", {.context = bert});
  EXPECT_TRUE(last().resume) << "he holds one";
  ask(kAnna, std::string(kTurn) + "q2", {.context = anna[0]});
  EXPECT_FALSE(last().resume) << "her oldest";
}

TEST_F(ConversationsTest, Nobody_keeps_nothing) {
  load();
  const auto answer = ask({}, "q1");
  EXPECT_FALSE(answer.contains("context"));
  EXPECT_FALSE(last().keep);
}

}  // namespace
}  // namespace npu::families
