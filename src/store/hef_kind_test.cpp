#include "store/hef_kind.hpp"

#include <gtest/gtest.h>

namespace npu::store {
namespace {

using Names = std::vector<std::string>;

TEST(HefKind, The_groups_tell_what_a_model_is_for) {
  const struct {
    Names groups;
    std::string_view kind;
  } kCases[] = {
      {{"yolov8n"}, "tensor"},
      {{"encoder_only"}, "tensor"},
      {{"clip_text_encoder"}, "tensor"},
      {{"qwen2__prefill", "qwen2__tbt"}, "llm"},
      {{"qwen2_prefill"}, "llm"},
      {{"m__base_model__prefill", "m__base_model__tbt", "m__x__prefill", "m__x__tbt"}, "llm"},
      {{"v__prefill", "v__tbt", "v__encoder"}, "vlm"},
      {{"base_encoder", "base_decoder"}, "speech2text"},
      {{"base-whisper-encoder-10s", "base-whisper-decoder-10s-out-seq-64"}, "speech2text"},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(name_of(kind_of(one.groups)), one.kind) << one.groups[0];
  }
}

TEST(HefKind, Adapters_are_named_as_a_user_must_name_them) {
  EXPECT_EQ(lora_names(Names{"yolov8n"}), Names{});
  EXPECT_EQ(lora_names(Names{"qwen2__prefill", "qwen2__tbt"}), Names{});
  EXPECT_EQ(lora_names(Names{"base_model__prefill", "base_model__tbt"}), Names{});
  EXPECT_EQ(
      lora_names(Names{"base_model__prefill", "base_model__tbt", "calls__prefill", "calls__tbt"}),
      Names{"calls"});
  EXPECT_EQ(lora_names(Names{"q__base_model__prefill", "q__huggingface_lora_adapter__prefill",
                             "q__a__prefill", "q__a__tbt"}),
            (Names{"a", "huggingface_lora_adapter"}));
}

TEST(HefKind, The_configuration_is_reduced_to_what_users_need) {
  const auto config = boost::json::parse(R"({
    "eos_token_id": 7, "stop_token_id": [7, 8], "chat_template": "{{ x }}",
    "default_generation_params": {"temperature": 0.6, "top_k": 20, "max_new_tokens": 99},
    "pre_process_params": {"kv_cache_size": 2048, "prefill_input_tokens_count": 96},
    "input_layers_names_suffixes": {"embeddings": "layer1"}})");
  const auto said = describe_config(config.as_object());
  EXPECT_EQ(said.at("context_length"), 2048);
  EXPECT_EQ(said.at("prefill_tokens"), 96);
  EXPECT_EQ(said.at("stop_token_ids"), boost::json::array({7, 8}));
  EXPECT_EQ(said.at("sampling").at("temperature"), 0.6);
  EXPECT_EQ(said.at("sampling").at("max_tokens"), 99);
  EXPECT_TRUE(said.at("sampling").at("top_p").is_null());
  EXPECT_TRUE(said.at("chunk_seconds").is_null());
  EXPECT_FALSE(said.contains("input_layers_names_suffixes"));
}

TEST(HefKind, A_configuration_of_other_types_breaks_nothing) {
  const auto config = boost::json::parse(R"({"pre_process_params": 3, "chunk_size_seconds": 10})");
  EXPECT_EQ(describe_config(config.as_object()).at("chunk_seconds"), 10);
  EXPECT_TRUE(describe_config(config.as_object()).at("context_length").is_null());
}

TEST(HefKind, The_bare_model_is_named_so_that_no_adapter_is_taken_for_it) {
  EXPECT_EQ(
      default_adapter(Names{"law__prefill", "law__tbt", "base_model__prefill", "base_model__tbt"})
          .value(),
      "base_model");
  EXPECT_EQ(default_adapter(Names{"qwen__base_model__prefill", "qwen__base_model__tbt"}).value(),
            "base_model");
}

TEST(HefKind, Without_the_bare_model_the_only_adapter_is_loaded) {
  EXPECT_EQ(default_adapter(Names{"law__prefill", "law__tbt"}).value(), "law");
  EXPECT_EQ(default_adapter(Names{"qwen/prefill", "qwen/tbt"}).value(), "");
}

TEST(HefKind, Which_of_several_adapters_is_meant_is_not_guessed) {
  const auto adapter = default_adapter(Names{"law__prefill", "law__tbt", "med__prefill"});
  ASSERT_FALSE(adapter);
  EXPECT_EQ(adapter.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(adapter.error().message.find("law, med"), std::string::npos);
}

TEST(HefKind, Speech_has_an_encoder_and_a_decoder_whatever_follows_in_their_names) {
  EXPECT_EQ(kind_of(Names{"whisper-small-encoder", "whisper-small-decoder"}), HefKind::kSpeech);
  EXPECT_EQ(kind_of(Names{"base-whisper-decoder-10s-out-seq-64", "base-whisper-encoder-10s"}),
            HefKind::kSpeech);
  EXPECT_NE(kind_of(Names{"clip_image_encoder"}), HefKind::kSpeech);
  EXPECT_NE(kind_of(Names{"yolov8s"}), HefKind::kSpeech);
}

}  // namespace
}  // namespace npu::store
