#include "families/generation/generation_params.hpp"

#include <gtest/gtest.h>

#include "fakes/fake_device.hpp"

namespace npu::families {
namespace {

namespace json = boost::json;

class GenerationParamsTest : public testing::Test {
 protected:
  void load(device::SamplingSupport support) {
    device_.text_models["m"] = {.frame = std::nullopt,
                                .context_length = 128,
                                .pieces = {},
                                .chat_template = {},
                                .support = support};
    model_ = std::move(*device_.load_text({"m"}, context_));
  }
  Result<GenerationParams> parse(const char* fields) {
    if (!model_) load({true, true, true});
    return parse_generation(json::parse(fields).as_object(), *model_);
  }
  std::string error(const char* fields) {
    const auto params = parse(fields);
    return params ? "none" : params.error().message;
  }

  fakes::FakeDevice device_;
  fakes::FakeContext context_;
  std::unique_ptr<device::TextModel> model_;
};

TEST_F(GenerationParamsTest, What_is_not_said_is_left_to_the_model) {
  const auto params = parse(R"({"top_p": null, "stop": null, "details": null})");
  ASSERT_TRUE(params) << params.error().message;
  EXPECT_FALSE(params->sampling.temperature || params->sampling.top_p || params->sampling.top_k ||
               params->sampling.min_p || params->sampling.repetition_penalty ||
               params->sampling.presence_penalty || params->sampling.frequency_penalty ||
               params->sampling.seed || params->sampling.max_tokens);
  EXPECT_TRUE(params->stops.empty());
  EXPECT_FALSE(params->details);
  EXPECT_TRUE(params->ignored.empty());
}

TEST_F(GenerationParamsTest, Everything_that_the_device_can_do_reaches_it) {
  const auto params = parse(R"({"temperature": 0.5, "top_p": 0.75, "top_k": 40, "min_p": 0.125,
      "repetition_penalty": 1.5, "presence_penalty": -0.5, "frequency_penalty": 2, "seed": 7,
      "max_generated_tokens": 9, "stop": ["a", "", "b"], "details": true})");
  ASSERT_TRUE(params) << params.error().message;
  const auto& sampling = params->sampling;
  EXPECT_EQ(sampling.temperature, 0.5F);
  EXPECT_EQ(sampling.top_p, 0.75F);
  EXPECT_EQ(sampling.top_k, 40);
  EXPECT_EQ(sampling.min_p, 0.125F);
  EXPECT_EQ(sampling.repetition_penalty, 1.5F);
  EXPECT_EQ(sampling.presence_penalty, -0.5F);
  EXPECT_EQ(sampling.frequency_penalty, 2.0F);
  EXPECT_EQ(sampling.seed, 7U);
  EXPECT_EQ(sampling.max_tokens, 9);
  EXPECT_EQ(params->stops, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(params->details);
}

TEST_F(GenerationParamsTest, Beyond_what_means_something_the_nearest_that_does_counts) {
  const auto params = parse(R"({"temperature": 1e300, "top_p": 7, "top_k": -1, "min_p": 3,
      "repetition_penalty": 1e9, "presence_penalty": -1e9, "frequency_penalty": 1e9,
      "max_generated_tokens": 100000})");
  ASSERT_TRUE(params) << params.error().message;
  const auto& sampling = params->sampling;
  EXPECT_EQ(sampling.temperature, 100.0F);
  EXPECT_EQ(sampling.top_p, 1.0F);
  EXPECT_EQ(sampling.top_k, 0);
  EXPECT_EQ(sampling.min_p, 1.0F);
  EXPECT_EQ(sampling.repetition_penalty, 100.0F);
  EXPECT_EQ(sampling.presence_penalty, -100.0F);
  EXPECT_EQ(sampling.frequency_penalty, 100.0F);
  EXPECT_EQ(sampling.max_tokens, 128);
  EXPECT_EQ(parse(R"({"top_k": 1e30})")->sampling.top_k, std::numeric_limits<int>::max());
}

TEST_F(GenerationParamsTest, What_the_device_cannot_do_is_left_out_and_said) {
  load({});
  const auto params =
      parse(R"({"min_p": 0.1, "presence_penalty": 1, "frequency_penalty": 0, "logprobs": 5})");
  ASSERT_TRUE(params) << params.error().message;
  EXPECT_FALSE(params->sampling.min_p || params->sampling.presence_penalty ||
               params->sampling.frequency_penalty);
  EXPECT_EQ(params->ignored, (std::vector<std::string>{"min_p", "presence_penalty",
                                                       "frequency_penalty", "logprobs"}));
  EXPECT_TRUE(parse(R"({"logprobs": false})")->ignored.empty());
  EXPECT_TRUE(parse(R"({"logprobs": 0})")->ignored.empty());
  EXPECT_EQ(error(R"({"min_p": "x"})"), "min_p must be a number of at least 0, got \"x\"");
}

TEST_F(GenerationParamsTest, What_means_nothing_is_named) {
  EXPECT_EQ(error(R"({"top_p": -1})"), "top_p must be a number of at least 0, got -1");
  EXPECT_EQ(error(R"({"top_k": 1.5})"), "top_k must be a whole number, got 1.5");
  EXPECT_EQ(error(R"({"presence_penalty": []})"), "presence_penalty must be a number, got a list");
  EXPECT_EQ(error(R"({"stop": 5})"), "stop must be a string or a list of strings, got 5");
  EXPECT_EQ(error(R"({"stop": ["a", 5]})"), "stop must be a string or a list of strings, got 5");
  EXPECT_EQ(error(R"({"context": -1})"),
            "context must be a whole number that is not negative, got -1");
  EXPECT_EQ(error(R"({"keep_context": "yes"})"), "keep_context must be true or false, got \"yes\"");
  EXPECT_EQ(error(R"({"details": 1})"), "details must be true or false, got 1");
  const std::string kLong = R"({"stop": ")" + std::string(257, 'x') + R"("})";
  EXPECT_EQ(error(kLong.c_str()), "a stop string has at most 256 bytes, got 257");
  json::object many{{"stop", json::array(17, "x")}};
  EXPECT_EQ(error(json::serialize(many).c_str()), "at most 16 stop strings, got 17");
}

}  // namespace
}  // namespace npu::families
