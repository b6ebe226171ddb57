#include "broker/quarantine.hpp"

#include <gtest/gtest.h>

namespace npu::broker {
namespace {

using namespace std::chrono_literals;

class QuarantineTest : public testing::Test {
 protected:
  static ModelSpec model(const std::string& key, std::uint64_t content = 0) {
    ModelSpec spec;
    spec.key = key;
    spec.type = "depth";
    spec.path = "/models/" + key;
    spec.content = content;
    return spec;
  }
  void strike(Duration held = 0s) { quarantine_.struck(model_, {"signal 11", held}, now_); }
  void runs() { quarantine_.ran(model_, now_); }
  bool refused() const { return quarantine_.refusal(model_, now_).has_value(); }
  // How long it is refused from now on.
  Duration time_left() const {
    const auto refusal = quarantine_.refusal(model_, now_);
    return refusal ? *refusal->retry_after : Duration{};
  }

  Quarantine quarantine_;
  ModelSpec model_ = model("bad");
  SteadyTime now_{1h};
};

TEST_F(QuarantineTest, A_model_that_never_ran_well_is_refused_at_once_and_twice_as_long_each_time) {
  EXPECT_FALSE(refused());
  Duration expected = 5s;
  for (int i = 0; i < 9; ++i) {
    strike();
    EXPECT_EQ(time_left(), expected) << i;
    now_ += expected;
    EXPECT_FALSE(refused());
    expected *= 2;
  }
  strike();
  EXPECT_EQ(time_left(), 2560s);
  now_ += 2560s;
  strike();
  EXPECT_EQ(time_left(), 1h);
}

TEST_F(QuarantineTest, The_first_strike_of_a_model_that_has_run_well_is_forgiven) {
  runs();
  strike();
  EXPECT_FALSE(refused());
  now_ += 59s;
  runs();
  strike();
  EXPECT_EQ(time_left(), 5s) << "the second within a minute";
}

TEST_F(QuarantineTest, Running_well_for_a_minute_earns_the_next_pardon) {
  runs();
  strike();
  now_ += 1min;
  runs();
  strike();
  EXPECT_FALSE(refused());
  strike();
  EXPECT_EQ(time_left(), 5s);
  now_ += 5s;
  runs();
  now_ += 59s;
  runs();
  strike();
  EXPECT_EQ(time_left(), 10s) << "the minute begins with the end of the refusal";
  now_ += 70s;
  runs();
  strike();
  EXPECT_FALSE(refused());
}

TEST_F(QuarantineTest, What_may_have_had_another_cause_counts_when_it_comes_again_within_a_minute) {
  for (int i = 0; i < 3; ++i) {
    quarantine_.suspected(model_, {"signal 9", 0s}, now_);
    EXPECT_FALSE(refused());
    now_ += 1min;
  }
  quarantine_.suspected(model_, {"signal 9", 0s}, now_);
  now_ += 59s;
  quarantine_.suspected(model_, {"signal 9", 0s}, now_);
  EXPECT_TRUE(refused());
}

TEST_F(QuarantineTest, What_held_its_worker_for_long_is_refused_for_as_long) {
  strike(3min);
  EXPECT_EQ(time_left(), 3min);
  now_ += 3min;
  now_ += 29min;
  runs();
  strike(3min);
  EXPECT_EQ(time_left(), 6min) << "it has to run well for ten times as long";
}

TEST_F(QuarantineTest, What_lies_long_back_is_forgotten) {
  for (int i = 0; i < 4; ++i) strike();
  now_ += 3h;
  strike();
  EXPECT_EQ(time_left(), 5s);
}

TEST_F(QuarantineTest, A_refusal_says_why_how_often_and_for_how_long) {
  strike();
  now_ += 5s;
  strike();
  now_ += 1500ms;
  const auto error = quarantine_.refusal(model_, now_);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::kUnavailable);
  EXPECT_EQ(error->retry_after, 8500ms);
  EXPECT_EQ(
      error->message,
      "The model is refused: it has ended its worker or held it for too long 2 times, last by: "
      "signal 11; refused for 9 s more");
}

TEST_F(QuarantineTest, It_goes_by_the_files_and_not_by_what_the_model_is_called) {
  model_ = model("bad", 7);
  strike();
  EXPECT_TRUE(quarantine_.refusal(model("bad#other-params", 7), now_));
  EXPECT_FALSE(quarantine_.refusal(model("bad", 8), now_)) << "another file by now";
}

TEST_F(QuarantineTest, Those_refused_are_listed_the_longest_first) {
  quarantine_.struck(model("a"), {"signal 8", 0s}, now_);
  quarantine_.struck(model("b"), {"signal 9", 10s}, now_);
  quarantine_.ran(model("c"), now_);
  const auto all = quarantine_.refused(now_ + 1s, 10);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].path, "/models/b");
  EXPECT_EQ(all[0].left, 9s);
  EXPECT_EQ(all[1].type, "depth");
  EXPECT_NE(all[1].reason.find("signal 8"), std::string::npos);
  EXPECT_EQ(quarantine_.refused(now_ + 1s, 1).size(), 1U);
  EXPECT_EQ(quarantine_.refused(now_ + 6s, 10).size(), 1U);
}

TEST_F(QuarantineTest, Many_models_do_not_push_out_one_that_is_refused) {
  strike(1h);
  for (std::size_t i = 0; i < 2 * Quarantine::kCapacity; ++i) {
    now_ += 1s;
    quarantine_.ran(model(std::to_string(i)), now_);
  }
  EXPECT_TRUE(refused());
}

TEST(Quarantine, Can_be_turned_off) {
  Quarantine off(0s);
  const SteadyTime now{1h};
  for (int i = 0; i < 3; ++i) off.struck({.key = "bad"}, {"signal 11", 1h}, now);
  EXPECT_FALSE(off.refusal({.key = "bad"}, now));
}

}  // namespace
}  // namespace npu::broker
