#include "device/hailort/generation/text_answer.hpp"

#include <gmock/gmock.h>

#include "device/hailort/generation/text_session_test_support.hpp"
#include "fakes/fake_device.hpp"

namespace npu::device::hailort {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using Pieces = std::vector<std::string>;

class TextAnswer : public testing::Test {
 protected:
  Result<Answer> read(int longest = 100) {
    EXPECT_TRUE(session_.start({}, "a prompt", {}));
    return read_answer(session_, longest,
                       [this](std::string_view text) {
                         heard_.emplace_back(text);
                         return !on_text_ || on_text_(text);
                       },
                       context_, state_.clock, {});
  }

  ScriptedSession::State state_;
  ScriptedSession session_{state_};
  fakes::FakeContext context_;
  std::function<bool(std::string_view)> on_text_;
  Pieces heard_;
};

TEST_F(TextAnswer, Comes_piece_by_piece_without_the_text_that_ends_it) {
  state_.say({"One", "", " two", "<e", "nd>"});
  const auto answer = read();
  ASSERT_TRUE(answer);
  EXPECT_THAT(heard_, ElementsAre("One", " two"));
  EXPECT_EQ(answer->stop, StopReason::kEndOfText);
  EXPECT_EQ(answer->tokens, 5);
  EXPECT_EQ(answer->tail, "nd>");
  EXPECT_EQ(answer->untold, "<end>");
}

TEST_F(TextAnswer, What_the_device_says_after_the_listener_had_enough_is_known_untold) {
  state_.say({"One", " two", " three"});
  on_text_ = [](std::string_view text) { return text != " two"; };
  const auto answer = read();
  ASSERT_TRUE(answer);
  EXPECT_THAT(heard_, ElementsAre("One", " two"));
  EXPECT_EQ(answer->untold, " three<end>");
}

TEST_F(TextAnswer, What_only_looked_like_an_end_is_heard_at_the_end) {
  state_.say({"One", " <e"});
  ASSERT_TRUE(read());
  EXPECT_THAT(heard_, ElementsAre("One", " ", "<e"));
}

TEST_F(TextAnswer, The_recovery_of_a_long_one_is_neither_heard_nor_counted) {
  state_.say({"One", " two", ScriptedSession::kEnd});
  state_.end = Progress::kMaxTokens;
  const auto answer = read();
  ASSERT_TRUE(answer);
  EXPECT_THAT(heard_, ElementsAre("One", " two"));
  EXPECT_EQ(answer->stop, StopReason::kMaxTokens);
  EXPECT_EQ(answer->tokens, 2);
  EXPECT_EQ(answer->delivered, 3);
  EXPECT_EQ(answer->tail, " two<end>");
}

TEST_F(TextAnswer, A_recovery_of_fewer_pieces_than_tokens_is_told_by_its_text) {
  state_.facts.recovery_tokens = 4;
  state_.say({"One", " two", ScriptedSession::kEnd});
  state_.end = Progress::kMaxTokens;
  const auto answer = read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->tokens, 2);
  EXPECT_EQ(answer->tail, " two<end>");
}

TEST_F(TextAnswer, Without_a_recovery_every_token_is_one_of_the_answer) {
  state_.facts.recovery.clear();
  state_.facts.recovery_tokens = 0;
  state_.say({"One", ""});  // the second is the first part of a character
  state_.end = Progress::kMaxTokens;
  const auto answer = read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->tokens, 2);
}

TEST_F(TextAnswer, Cancelled_while_it_comes_it_is_aborted_and_read_to_its_end) {
  state_.say({"One", " two", " three", " four"});
  context_.cancel_after(2);
  const auto answer = read();
  ASSERT_TRUE(answer);
  EXPECT_THAT(heard_, ElementsAre("One", " two"));
  EXPECT_EQ(answer->stop, StopReason::kCancelled);
  EXPECT_EQ(answer->tokens, 3);
  EXPECT_EQ(answer->tail, " three<end>");
  EXPECT_THAT(state_.calls, ElementsAre("start", "read", "read", "peek", "abort", "read", "read"));
}

TEST_F(TextAnswer, Cancelled_before_the_first_token_it_is_aborted_at_the_next_look) {
  state_.script = {ScriptedSession::nothing(), ScriptedSession::nothing()};
  state_.say({"One", " two"});
  context_.cancel_after(1);
  const auto answer = read();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(heard_.empty());
  EXPECT_EQ(answer->stop, StopReason::kCancelled);
  EXPECT_EQ(state_.count("abort"), 1);
  EXPECT_EQ(session_.progress(), Progress::kAborted);
}

TEST_F(TextAnswer, Cancelled_with_its_end_in_the_queue_already_it_is_only_read) {
  state_.say({"One", " two", "<end>"});
  state_.ready = 3;
  context_.cancel_after(1);
  const auto answer = read();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_THAT(heard_, ElementsAre("One"));
  EXPECT_EQ(answer->stop, StopReason::kCancelled);
  EXPECT_THAT(state_.calls, ElementsAre("start", "read", "peek", "peek"));
}

TEST_F(TextAnswer, A_listener_that_has_enough_ends_it_as_if_it_had_ended) {
  state_.say({"One", " two", " three", " four"});
  on_text_ = [](std::string_view text) { return text != " two"; };
  const auto answer = read();
  ASSERT_TRUE(answer);
  EXPECT_THAT(heard_, ElementsAre("One", " two"));
  EXPECT_EQ(answer->stop, StopReason::kEndOfText);
  EXPECT_EQ(state_.count("abort"), 1);
  EXPECT_EQ(session_.progress(), Progress::kAborted);
}

TEST_F(TextAnswer, An_answer_that_is_over_is_not_aborted) {
  state_.say({"One", " two"});
  on_text_ = [](std::string_view text) { return text != " two"; };
  ASSERT_TRUE(read());
  EXPECT_EQ(state_.count("abort"), 0);
}

TEST_F(TextAnswer, What_is_queued_is_read_before_an_abort_which_would_wait_for_room) {
  state_.say({"One", " two", " three", " four", " five"});
  on_text_ = [this](std::string_view) {
    state_.ready = 2;
    return false;
  };
  const auto answer = read();
  ASSERT_TRUE(answer);
  EXPECT_THAT(heard_, ElementsAre("One"));
  EXPECT_EQ(answer->tokens, 4);
  EXPECT_THAT(state_.calls,
              ElementsAre("start", "read", "peek", "peek", "peek", "abort", "read", "read"));
}

TEST_F(TextAnswer, A_long_prefill_is_waited_for_as_long_as_the_device_is_there) {
  for (int i = 0; i < 15; ++i) state_.script.push_back(ScriptedSession::nothing());
  state_.say({"One"});
  const auto answer = read();
  ASSERT_TRUE(answer);
  EXPECT_THAT(heard_, ElementsAre("One"));
  EXPECT_EQ(state_.clock.now() - SteadyTime{}, 150s);
}

TEST_F(TextAnswer, Silence_has_an_end_and_a_shorter_one_between_tokens) {
  const auto before_it = read();
  ASSERT_FALSE(before_it);
  EXPECT_EQ(before_it.error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(state_.clock.now() - SteadyTime{}, 180s);

  state_.clock.set({});
  state_.in_step = true;
  state_.say({"One"});
  for (int i = 0; i < 100; ++i) state_.script.push_back(ScriptedSession::nothing());
  const auto in_it = read();
  ASSERT_FALSE(in_it);
  EXPECT_EQ(in_it.error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(state_.clock.now() - SteadyTime{}, 30s + 10s);  // asked for 20 s, then one more read
}

TEST_F(TextAnswer, A_device_that_is_idle_and_says_nothing_has_broken_it_off) {
  state_.say({"One"});
  for (int i = 0; i < 100; ++i) state_.script.push_back(ScriptedSession::nothing());
  const auto answer = read();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kInternal);
  EXPECT_THAT(state_.calls, ElementsAre("start", "read", "read", "ask", "read"));
}

TEST_F(TextAnswer, A_token_that_came_while_the_device_was_asked_counts) {
  state_.say({"One"});
  state_.script.push_back(ScriptedSession::nothing());
  state_.say({" two"});
  state_.script.push_back(ScriptedSession::nothing());
  state_.say({" three"});
  ASSERT_TRUE(read());
  EXPECT_THAT(heard_, ElementsAre("One", " two", " three"));
  EXPECT_EQ(state_.count("ask"), 2);
}

TEST_F(TextAnswer, A_device_that_went_away_is_noticed_at_the_first_time_out) {
  state_.answers = false;
  const auto answer = read();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(state_.clock.now() - SteadyTime{}, 10s);
}

TEST_F(TextAnswer, A_listener_that_sleeps_while_the_queue_fills_up_spoils_only_a_long_answer) {
  on_text_ = [this](std::string_view) {
    state_.clock.advance(101s);
    return true;
  };
  state_.say({"One", " two"});
  EXPECT_TRUE(read(1000));

  state_.say({"One", " two", " three"});
  const auto answer = read(1001);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(state_.count("abort"), 1);
  EXPECT_EQ(session_.progress(), Progress::kAborted);
}

TEST_F(TextAnswer, The_time_of_the_listener_is_no_silence_of_the_device) {
  on_text_ = [this](std::string_view) {
    state_.clock.advance(90s);
    return true;
  };
  state_.say({"One"});
  state_.script.push_back(ScriptedSession::nothing());
  state_.say({" two"});
  EXPECT_TRUE(read());
}

TEST_F(TextAnswer, An_error_of_the_device_is_passed_on) {
  state_.say({"One"});
  state_.script.push_back(fail(ErrorCode::kInternal, "broken"));
  const auto answer = read();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "broken");
}

}  // namespace
}  // namespace npu::device::hailort
