#include "device/hailort/hef/genai_groups.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace npu::device::hailort {
namespace {

using Groups = std::vector<std::string>;

TEST(GenaiGroups, The_bare_model_is_named_so_that_no_adapter_is_taken_for_it) {
  EXPECT_EQ(
      default_adapter(Groups{"law__prefill", "law__tbt", "base_model__prefill", "base_model__tbt"})
          .value(),
      "base_model");
  EXPECT_EQ(default_adapter(Groups{"qwen__base_model__prefill", "qwen__base_model__tbt"}).value(),
            "base_model");
}

TEST(GenaiGroups, Without_the_bare_model_the_only_adapter_is_loaded) {
  EXPECT_EQ(default_adapter(Groups{"law__prefill", "law__tbt"}).value(), "law");
  EXPECT_EQ(default_adapter(Groups{"qwen/prefill", "qwen/tbt"}).value(), "");
}

TEST(GenaiGroups, Which_of_several_adapters_is_meant_is_not_guessed) {
  const auto adapter = default_adapter(Groups{"law__prefill", "law__tbt", "med__prefill"});
  ASSERT_FALSE(adapter);
  EXPECT_EQ(adapter.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(adapter.error().message.find("law, med"), std::string::npos);
}

TEST(GenaiGroups, Speech_has_an_encoder_and_a_decoder_whatever_follows_in_their_names) {
  EXPECT_TRUE(is_speech_model(Groups{"whisper-small-encoder", "whisper-small-decoder"}));
  EXPECT_TRUE(
      is_speech_model(Groups{"base-whisper-decoder-10s-out-seq-64", "base-whisper-encoder-10s"}));
  EXPECT_FALSE(is_speech_model(Groups{"clip_image_encoder"}));
  EXPECT_FALSE(is_speech_model(Groups{"yolov8s"}));
}

}  // namespace
}  // namespace npu::device::hailort
