#include "families/vlm/vlm.hpp"

#include <gtest/gtest.h>

#include "fakes/fake_device.hpp"
#include "fakes/fake_request.hpp"

namespace npu::families {
namespace {

namespace json = boost::json;
using fakes::make_tensor;

class VlmTest : public testing::Test {
 protected:
  void load(fakes::FakeTextSpec spec = {.frame = TensorSpec{"frame", DType::kUint8, {2, 2, 3}},
                                        .context_length = 128,
                                        .pieces = {"A", " cat", ".", "<|im_", "end|>"}}) {
    device_.text_models["v"] = std::move(spec);
    auto model =
        make_vlm_family()->load(device_, {.path = "v", .params = {}, .files = {{"v"}}}, context_);
    ASSERT_TRUE(model) << model.error().message;
    model_ = std::move(*model);
    input_.set("prompt", json::value("What?"));
  }

  std::string infer() {
    const auto result = model_->infer(input_, output_, context_);
    return result ? std::string(result->as_string()) : "error: " + result.error().message;
  }

  // A conversation that shows so many pictures.
  void ask_about(int count) {
    json::array parts(static_cast<std::size_t>(count), json::object{{"type", "image"}});
    parts.push_back(json::object{{"type", "text"}, {"text", "What?"}});
    input_.set("prompt",
               json::array{json::object{{"role", "user"}, {"content", std::move(parts)}}});
    set_frames(count);
  }

  void set_frames(int count, Shape shape = {2, 2, 3}) {
    json::array frames;
    for (int i = 0; i < count; ++i) {
      frames.push_back(
          input_.add(make_tensor(DType::kUint8, shape, std::vector<std::uint8_t>(12))));
    }
    input_.set("frames", std::move(frames));
  }

  fakes::FakeDevice device_;
  fakes::FakeContext context_;
  fakes::FakeInput input_;
  fakes::FakeOutput output_;
  std::unique_ptr<FamilyModel> model_;
};

TEST_F(VlmTest, The_pieces_joined_are_the_result_without_the_end_marker) {
  load();
  ask_about(1);
  EXPECT_EQ(infer(), "A cat.");
  std::string joined;
  for (const auto& event : output_.events) joined += event.at("text").as_string();
  EXPECT_EQ(joined, "A cat.");
  EXPECT_EQ(output_.events.size(), 3U);
}

TEST_F(VlmTest, Pictures_appear_in_the_rendered_prompt) {
  load();
  ask_about(2);
  infer();
  ASSERT_EQ(device_.prompts.size(), 1U);
  EXPECT_EQ(device_.prompts[0].frames, 2U);
  const std::string kTwice =
      "<|vision_start|><|image_pad|><|vision_end|><|vision_start|><|image_pad|><|vision_end|>What?";
  EXPECT_NE(device_.prompts[0].text.find(kTwice), std::string::npos);
}

TEST_F(VlmTest, A_turn_without_pictures_is_allowed) {
  load();
  EXPECT_EQ(infer(), "A cat.");
  set_frames(0);
  EXPECT_EQ(infer(), "A cat.");
  EXPECT_EQ(device_.prompts[1].frames, 0U);
}

TEST_F(VlmTest, Sampling_parameters_reach_the_device) {
  load();
  infer();
  EXPECT_FALSE(device_.prompts[0].sampling.seed);
  EXPECT_FALSE(device_.prompts[0].sampling.temperature);
  EXPECT_FALSE(device_.prompts[0].sampling.max_tokens);
  input_.set("temperature", json::value(0));
  input_.set("seed", json::value(4294967295U));
  input_.set("max_generated_tokens", json::value(7));
  infer();
  EXPECT_EQ(device_.prompts[1].sampling.temperature, 0);
  EXPECT_EQ(device_.prompts[1].sampling.seed, 4294967295U);
  EXPECT_EQ(device_.prompts[1].sampling.max_tokens, 7);
}

TEST_F(VlmTest, Parameters_beyond_what_means_something_are_cut_to_it) {
  load();
  input_.set("max_generated_tokens", json::value(4096));
  input_.set("temperature", json::value(1e300));
  input_.set("seed", json::value(std::uint64_t{1} << 63 | 5U));
  infer();
  EXPECT_EQ(device_.prompts[0].sampling.max_tokens, 128);
  EXPECT_EQ(device_.prompts[0].sampling.temperature, 100);
  EXPECT_EQ(device_.prompts[0].sampling.seed, 5U);
  input_.set("max_generated_tokens", json::value(1e30));
  input_.set("temperature", json::value(2.5));
  input_.set("seed", json::value(-1));
  infer();
  EXPECT_EQ(device_.prompts[1].sampling.max_tokens, 128);
  EXPECT_EQ(device_.prompts[1].sampling.temperature, 2.5F);
  EXPECT_FALSE(device_.prompts[1].sampling.seed) << "a random one";
  input_.set("seed", json::value(4294967296.0 * 3 + 7));
  infer();
  EXPECT_EQ(device_.prompts[2].sampling.seed, 7U);
}

TEST_F(VlmTest, No_tokens_are_an_empty_answer) {
  load();
  input_.set("max_generated_tokens", json::value(0));
  EXPECT_EQ(infer(), "");
  EXPECT_TRUE(device_.prompts.empty());
}

TEST_F(VlmTest, A_text_reaches_the_model_as_it_is) {
  load();
  const std::string kOwn =
      "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>x<|im_end|>";
  input_.set("prompt", json::value("once upon"));
  infer();
  input_.set("prompt", json::value(kOwn));
  set_frames(1);
  infer();
  ASSERT_EQ(device_.prompts.size(), 2U);
  EXPECT_EQ(device_.prompts[0].text, "once upon");
  EXPECT_EQ(device_.prompts[1].text, kOwn);
  set_frames(2);
  EXPECT_EQ(infer(),
            "error: a prompt that is a text reaches the model as it is: it has 1 <|image_pad|> and "
            "frames has 2 pictures; they must be equal, or prompt a list of messages");
}

TEST_F(VlmTest, Wrong_parameters_are_named_and_never_reach_the_device) {
  load();
  const std::tuple<const char*, json::value, const char*> kWrong[] = {
      {"temperature", -0.1, "error: temperature must be a number of at least 0, got -0.1"},
      {"temperature", "warm", "error: temperature must be a number of at least 0, got \"warm\""},
      {"seed", 1.5, "error: seed must be a whole number, got 1.5"},
      {"seed", "lucky", "error: seed must be a whole number, got \"lucky\""},
      {"max_generated_tokens", -1,
       "error: max_generated_tokens must be a whole number of at least 0, got -1"},
      {"max_generated_tokens", 7.5,
       "error: max_generated_tokens must be a whole number of at least 0, got 7.5"},
      {"frames", 3, "error: frames must be a list of tensors, got 3"},
      {"prompt", nullptr, "error: prompt and frames are required for vlm_chat"},
      {"prompt", "", "error: prompt and frames are required for vlm_chat"},
      {"prompt", json::array(), "error: prompt and frames are required for vlm_chat"},
  };
  for (const auto& [name, value, message] : kWrong) {
    fakes::FakeInput input;
    input.set("prompt", json::value("What?"));
    input.set(name, value);
    const auto result = model_->infer(input, output_, context_);
    ASSERT_FALSE(result) << name;
    EXPECT_EQ("error: " + result.error().message, message);
  }
  EXPECT_TRUE(device_.prompts.empty());
}

TEST_F(VlmTest, Frames_must_be_the_models_pictures) {
  load();
  set_frames(1, {1, 4, 3});
  EXPECT_EQ(infer(), "error: frames[0] must be uint8 (2, 2, 3), got uint8 (1, 4, 3)");
  set_frames(17);
  EXPECT_EQ(infer(), "error: at most 16 frames a request, got 17");
}

TEST_F(VlmTest, A_model_for_text_only_takes_no_pictures) {
  load({.frame = std::nullopt, .context_length = 128, .pieces = {"ok"}});
  EXPECT_EQ(infer(), "ok");
  set_frames(1);
  EXPECT_EQ(infer(), "error: this model takes no pictures: leave frames empty");
}

TEST_F(VlmTest, A_cancelled_generation_ends_with_that_error) {
  load();
  context_.cancel_after(2);
  const auto result = model_->infer(input_, output_, context_);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(output_.events.size(), 2U);
}

}  // namespace
}  // namespace npu::families
