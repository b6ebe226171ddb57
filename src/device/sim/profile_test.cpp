#include "device/sim/profile.hpp"

#include <gtest/gtest.h>

#include "fakes/temp_dir.hpp"

namespace npu::device::sim {
namespace {

using namespace std::chrono_literals;

std::string error_of(std::string_view text) {
  const auto profile = parse_profile(text, "p");
  return profile ? "no error" : profile.error().message;
}

double ms(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

TEST(Profile, Every_shipped_one_is_right) {
  for (const auto& builtin : builtin_profiles()) {
    const auto profile = parse_profile(builtin.text, builtin.name);
    EXPECT_TRUE(profile) << profile.error().message;
  }
}

TEST(Profile, The_hailo10h_has_the_vendors_figures) {
  const auto profile = load_profile("");
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->name, "hailo10h");
  EXPECT_TRUE(profile->group_release);
  const auto* vlm = profile->find("Qwen2-VL-2B-Instruct", ModelKind::kText);
  ASSERT_NE(vlm, nullptr);
  EXPECT_EQ(vlm->bytes, 2'180'000'000U);
  EXPECT_EQ(ms(vlm->load), 9710);
  EXPECT_NEAR(ms(vlm->token), 119.33, 0.01);
  EXPECT_EQ(vlm->frame->shape, (Shape{336, 336, 3}));
  const auto* clip = profile->find("clip_vit_b_32_image_encoder", ModelKind::kTensor);
  ASSERT_NE(clip, nullptr);
  EXPECT_NEAR(ms(run_time(*clip, 1)), 13.93, 0.01);
  EXPECT_NEAR(ms(run_time(*clip, 8)), 23.88, 0.01);
  const auto* depth = profile->find("scdepthv3", ModelKind::kTensor);
  ASSERT_NE(depth, nullptr);
  EXPECT_EQ(depth->inputs[0].shape, (Shape{256, 320, 3}));
  EXPECT_EQ(depth->outputs[0].spec.shape, (Shape{256, 320, 1}));
  EXPECT_EQ(profile->find("yolov8s_pose", ModelKind::kTensor)->outputs.size(), 9U);
  EXPECT_EQ(profile->find("no_such_model", ModelKind::kTensor), nullptr);
}

TEST(Profile, Time_of_a_batch_lies_on_the_line_between_the_given_ones) {
  ModelProfile model;
  model.run = {{1, 10ms}, {8, 24ms}};
  EXPECT_EQ(run_time(model, 1), 10ms);
  EXPECT_EQ(run_time(model, 4), 16ms);
  EXPECT_EQ(run_time(model, 8), 24ms);
  EXPECT_EQ(run_time(model, 16), 48ms);
  model.run = {{1, 10ms}};
  EXPECT_EQ(run_time(model, 3), 30ms);
}

TEST(Profile, Defaults_stand_in_for_unknown_names_of_their_kind) {
  const auto profile = parse_profile(R"(
models:
  a: {kind: speech, aliases: [b]}
defaults:
  text: {tokens_per_second: 10}
)",
                                     "p");
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_EQ(profile->find("b", ModelKind::kSpeech)->kind, ModelKind::kSpeech);
  EXPECT_EQ(profile->find("b", ModelKind::kText)->kind, ModelKind::kSpeech);
  EXPECT_EQ(profile->find("x", ModelKind::kText)->token, 100ms);
  EXPECT_EQ(profile->find("x", ModelKind::kSpeech), nullptr);
}

TEST(Profile, Mistakes_are_named_with_their_line) {
  EXPECT_EQ(
      error_of("models:\n  a:\n    kind: speech\n    sizemb: 3\n"),
      "profile p, line 4: unknown key 'sizemb' in model a; known are: aliases, first_token_ms, "
      "hef, kind, load_ms, script, size_mb, tokens_per_second, window_s");
  EXPECT_EQ(error_of("models:\n  a: {kind: picture}\n"),
            "profile p, line 2: kind must be tensor, text or speech");
  EXPECT_EQ(error_of("models:\n  a: {kind: tensor}\n"),
            "profile p, line 2: model a needs 'inputs'");
  EXPECT_EQ(error_of("models:\n  a:\n    kind: speech\n    aliases: b\n"),
            "profile p, line 4: aliases must be a list of names");
  EXPECT_EQ(error_of("memory_mb: much\n"),
            "profile p, line 1: memory_mb must be a number 0..10000000");
  EXPECT_EQ(error_of("- 1\n"), "profile p, line 1: the profile must be a mapping");
  EXPECT_EQ(error_of("a: [\n").rfind("profile p, line ", 0), 0U);
  EXPECT_NE(error_of(""), "no error");
  EXPECT_EQ(
      error_of("models:\n  a: {kind: tensor, inputs: [{dtype: uint9, shape: [1]}], outputs: []}\n"),
      "profile p, line 2: unknown dtype 'uint9'");
}

TEST(Profile, A_file_is_read_and_a_missing_one_is_named) {
  const fakes::TempDir dir;
  EXPECT_EQ(load_profile(dir.file("p.yaml", "name: mine\n"))->name, "mine");
  EXPECT_EQ(load_profile("/nowhere").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(load_profile(dir.path(".")).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace npu::device::sim
