#include "services/clip/clip_config.hpp"

#include <gtest/gtest.h>

namespace npu::clip {
namespace {

ClipConfig of(std::string path) {
  ClipConfig config;
  if (!path.empty()) config.model.path = std::move(path);
  config.complete();
  return config;
}

TEST(ClipConfig, The_image_encoder_tells_the_rest) {
  const ClipConfig published = of("");
  EXPECT_EQ(published.model.name, "clip-vit-b-32");
  EXPECT_EQ(published.models.text, "clip_vit_b_32_text_encoder");
  EXPECT_EQ(published.model.params->at("image_hef_path"), "clip_vit_b_32_image_encoder");
  EXPECT_EQ(published.model.params->at("text_output_layer"),
            "clip_vit_b_32_text_encoder/normalization25");
  EXPECT_EQ(published.model.params->at("text_batch"), 8);
  EXPECT_EQ(of("clip-tiny-image").model.name, "clip-tiny");
  EXPECT_EQ(of("clip-tiny-image").models.text, "clip-tiny-text");
  const ClipConfig file = of("/models/images/my_image_encoder.onnx");
  EXPECT_EQ(file.model.name, "my");
  EXPECT_EQ(file.models.text, "/models/images/my_text_encoder.onnx");
}

TEST(ClipConfig, What_is_named_stays_as_it_is) {
  ClipConfig config;
  config.model.name = "mine";
  config.models.text = "words.hef";
  config.complete();
  EXPECT_EQ(config.model.name, "mine");
  EXPECT_EQ(config.model.params->at("text_hef_path"), "words.hef");
}

TEST(ClipConfig, The_cache_may_be_off) {
  ClipConfig config;
  EXPECT_EQ(config.cache_entries(), 1000U);
  config.cache_enabled = false;
  EXPECT_EQ(config.cache_entries(), 0U);
}

}  // namespace
}  // namespace npu::clip
