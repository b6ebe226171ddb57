#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "families/family.hpp"

namespace npu::families {
namespace {

TEST(Registry, Has_every_model_type_of_the_protocol_in_its_lane) {
  const std::pair<std::string_view, Lane> kTypes[] = {
      {"depth", Lane::kVision},        {"pose", Lane::kVision},    {"clip", Lane::kVision},
      {"ocr", Lane::kVision},          {"whisper", Lane::kSpeech}, {"vlm", Lane::kGeneration},
      {"vlm_chat", Lane::kGeneration}, {"llm", Lane::kGeneration}, {"embed", Lane::kVision},
      {"detect", Lane::kVision},       {"segment", Lane::kVision}, {"face", Lane::kVision}};
  for (const auto& [type, lane] : kTypes) {
    const auto* entry = find_family(type);
    ASSERT_NE(entry, nullptr) << type;
    EXPECT_EQ(entry->lane, lane) << type;
    EXPECT_NE(entry->make(), nullptr) << type;
  }
  EXPECT_EQ(find_family("yolo"), nullptr);
  EXPECT_EQ(find_family(""), nullptr);
}

TEST(Registry, Language_models_exclude_each_other) {
  EXPECT_EQ(find_family("vlm")->exclusive_group, "kv");
  EXPECT_EQ(find_family("vlm_chat")->exclusive_group, "kv");
  EXPECT_EQ(find_family("llm")->exclusive_group, "kv");
}

// HailoRT counts two of them on the device as one.
TEST(Registry, Speech_models_exclude_each_other_and_no_language_model) {
  EXPECT_EQ(find_family("whisper")->exclusive_group, "speech2text");
}

TEST(Registry, Only_clip_has_a_model_path_that_is_no_file) {
  EXPECT_FALSE(find_family("clip")->own_file);
  for (const auto* type : {"depth", "detect", "embed", "face", "llm", "ocr", "pose", "segment",
                           "vlm", "vlm_chat", "whisper"})
    EXPECT_TRUE(find_family(type)->own_file) << type;
}

}  // namespace
}  // namespace npu::families
