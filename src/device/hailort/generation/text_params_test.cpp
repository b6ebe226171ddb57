#include "device/hailort/generation/text_params.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace npu::device::hailort {
namespace {

constexpr GeneratorSettings kDefaults{.temperature = 0.7F,
                                      .top_p = 0.8F,
                                      .top_k = 20,
                                      .repetition_penalty = 1.1F,
                                      .max_tokens = 512,
                                      .sample = true,
                                      .seed = kRandomSeed};

TEST(TextParams, What_the_request_leaves_open_comes_from_the_model) {
  const auto settings = generator_settings({.temperature = 0.5F, .max_tokens = 77}, kDefaults);
  ASSERT_TRUE(settings);
  EXPECT_EQ(*settings, (GeneratorSettings{.temperature = 0.5F,
                                          .top_p = 0.8F,
                                          .top_k = 20,
                                          .repetition_penalty = 1.1F,
                                          .max_tokens = 77,
                                          .sample = true,
                                          .seed = kRandomSeed}));
}

TEST(TextParams, A_request_that_says_nothing_gets_the_defaults_of_the_model) {
  const auto settings = generator_settings({}, kDefaults);
  ASSERT_TRUE(settings);
  EXPECT_EQ(*settings, kDefaults);
  GeneratorSettings greedy = kDefaults;
  greedy.sample = false;
  greedy.max_tokens = 0;
  const auto other = generator_settings({}, greedy);
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->sample);
  EXPECT_EQ(other->max_tokens, 1024U);
}

TEST(TextParams, What_the_request_says_goes_before_the_model) {
  const auto settings = generator_settings({.temperature = 1.5F,
                                            .top_p = 0.25F,
                                            .top_k = 5,
                                            .repetition_penalty = 1.3F,
                                            .seed = 42,
                                            .max_tokens = 3},
                                           kDefaults);
  ASSERT_TRUE(settings);
  EXPECT_EQ(*settings, (GeneratorSettings{.temperature = 1.5F,
                                          .top_p = 0.25F,
                                          .top_k = 5,
                                          .repetition_penalty = 1.3F,
                                          .max_tokens = 3,
                                          .sample = true,
                                          .seed = 42}));
}

TEST(TextParams, Temperature_0_is_greedy_with_a_temperature_that_HailoRT_takes) {
  for (const float temperature : {0.0F, 1e-6F}) {
    const auto settings = generator_settings({.temperature = temperature}, kDefaults);
    ASSERT_TRUE(settings);
    EXPECT_FALSE(settings->sample);
    EXPECT_GT(settings->temperature, kMinTemperature);
  }
  const auto cool = generator_settings({.temperature = 0.01F}, kDefaults);
  ASSERT_TRUE(cool);
  EXPECT_TRUE(cool->sample);
}

TEST(TextParams, No_limit_and_limits_over_any_vocabulary_stay_in_the_table_of_the_chip) {
  for (const int top_k : {0, -1, 1'000'000}) {
    const auto settings = generator_settings({.top_k = top_k}, kDefaults);
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->top_k, kMaxTopK);
  }
}

TEST(TextParams, What_asks_for_no_limit_in_other_interfaces_does_so_here) {
  const auto settings = generator_settings({.top_p = 1.5F, .repetition_penalty = 0}, kDefaults);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->top_p, 1);
  EXPECT_EQ(settings->repetition_penalty, 1);
}

TEST(TextParams, A_seed_never_becomes_the_word_for_a_random_one) {
  const auto settings = generator_settings({.seed = kRandomSeed}, kDefaults);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->seed, kRandomSeed - 1);
}

TEST(TextParams, Illegal_defaults_of_a_model_are_made_legal) {
  const GeneratorSettings broken{.temperature = 0, .top_p = 7, .top_k = 0, .repetition_penalty = 0};
  const auto settings = generator_settings({}, broken);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->top_p, 1);
  EXPECT_EQ(settings->top_k, kMaxTopK);
  EXPECT_EQ(settings->repetition_penalty, 1);
}

TEST(TextParams, Values_that_mean_nothing_are_refused_by_name) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto message = [](const Sampling& sampling) {
    const auto settings = generator_settings(sampling, kDefaults);
    if (settings) return std::string("taken");
    EXPECT_EQ(settings.error().code, ErrorCode::kInvalidArgument);
    return settings.error().message;
  };
  EXPECT_EQ(message({.temperature = -1}), "temperature must be 0 or more, got -1");
  EXPECT_EQ(message({.temperature = nan}), "temperature must be 0 or more, got nan");
  EXPECT_EQ(message({.top_p = -0.5F}), "top_p must be 0..1, got -0.5");
  EXPECT_EQ(message({.top_p = nan}), "top_p must be 0..1, got nan");
  EXPECT_EQ(message({.repetition_penalty = -1.0F}), "repetition_penalty must be over 0, got -1");
  EXPECT_EQ(message({.repetition_penalty = nan}), "repetition_penalty must be over 0, got nan");
  EXPECT_EQ(message({.max_tokens = 0}), "max_tokens must be at least 1, got 0");
}

}  // namespace
}  // namespace npu::device::hailort
