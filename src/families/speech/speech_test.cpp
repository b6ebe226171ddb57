#include "families/speech/speech.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "fakes/fake_device.hpp"
#include "fakes/fake_request.hpp"
#include "families/speech/audio.hpp"

namespace npu::families {
namespace {

namespace json = boost::json;
using fakes::make_tensor;

class SpeechTest : public testing::Test {
 protected:
  void SetUp() override {
    device_.speech_models["w"] = {{{0, 1.5, "Hello"}, {1.5, 2, "there"}}};
    auto model = make_speech_family()->load(device_, {.path = "w", .params = {}, .files = {{"w"}}},
                                            context_);
    ASSERT_TRUE(model) << model.error().message;
    model_ = std::move(*model);
    input_.set("audio", json::array{0, -0.5, 0.25});
  }

  std::string infer() {
    const auto result = model_->infer(input_, output_, context_);
    return result ? json::serialize(*result) : result.error().message;
  }

  fakes::FakeDevice device_;
  fakes::FakeContext context_;
  fakes::FakeInput input_;
  fakes::FakeOutput output_;
  std::unique_ptr<FamilyModel> model_;
};

TEST_F(SpeechTest, Segments_are_numbered_and_also_come_as_events) {
  EXPECT_EQ(json::parse(infer()),
            json::parse(R"({"segments":[{"id":0,"start":0.0,"end":1.5,"text":"Hello"},
                                        {"id":1,"start":1.5,"end":2.0,"text":"there"}]})"));
  ASSERT_EQ(output_.events.size(), 2U);
  EXPECT_EQ(output_.events[1].at("segment").at("id").to_number<int>(), 1);
  EXPECT_EQ(output_.events[1].at("segment").at("text"), "there");
}

TEST_F(SpeechTest, A_list_and_a_tensor_of_the_same_samples_are_the_same_audio) {
  infer();
  for (const Shape& shape : {Shape{3}, Shape{1, 3}}) {
    input_.set("audio", make_tensor<float>(DType::kFloat32, shape, {0, -0.5F, 0.25F}));
    infer();
  }
  ASSERT_EQ(device_.speeches.size(), 3U);
  for (const auto& speech : device_.speeches) {
    EXPECT_EQ(speech.audio, (std::vector<float>{0, -0.5F, 0.25F}));
    EXPECT_EQ(speech.language, "en");
    EXPECT_EQ(speech.task, device::SpeechTask::kTranscribe);
  }
}

TEST_F(SpeechTest, Language_and_task_reach_the_device) {
  input_.set("language", json::value("de"));
  input_.set("task", json::value("translate"));
  infer();
  input_.set("language", json::value("auto"));
  infer();
  EXPECT_EQ(device_.speeches.at(0).language, "de");
  EXPECT_EQ(device_.speeches.at(0).task, device::SpeechTask::kTranslate);
  EXPECT_EQ(device_.speeches.at(1).language, "");
}

TEST_F(SpeechTest, Audio_that_is_no_audio_never_reaches_the_device) {
  const std::pair<json::value, const char*> kWrong[] = {
      {nullptr, "audio data is required for whisper"},
      {json::array{}, "audio data is required for whisper"},
      {json::array{0.5, "x"}, "audio[1] must be a finite number, got \"x\""},
      {json::array{1e39}, "audio[0] must be a finite number, got 1e+39"},
      {"sound", "tensor must include dtype, shape, and data_b64"},
  };
  for (const auto& [audio, message] : kWrong) {
    input_.set("audio", audio);
    EXPECT_EQ(infer(), message);
  }
  input_.set("audio", make_tensor<double>(DType::kFloat64, {2}, {0, 0}));
  EXPECT_EQ(infer(), "audio must be float32 (samples,), got float64 (2,)");
  input_.set("audio", make_tensor<float>(DType::kFloat32, {2, 1}, {0, 0}));
  EXPECT_EQ(infer(), "audio must be float32 (samples,), got float32 (2, 1)");
  input_.set("audio", make_tensor<float>(DType::kFloat32, {2},
                                         {0, std::numeric_limits<float>::quiet_NaN()}));
  EXPECT_EQ(infer(), "audio[1] must be a finite number");
  EXPECT_TRUE(device_.speeches.empty());
}

TEST_F(SpeechTest, Audio_over_half_an_hour_is_refused) {
  input_.set("audio",
             make_tensor(DType::kFloat32, {static_cast<std::int64_t>(kMaxAudioSamples) + 1},
                         std::vector<float>(kMaxAudioSamples + 1)));
  const auto result = model_->infer(input_, output_, context_);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(result.error().message,
            "audio must be at most 30 minutes (28800000 samples at 16 kHz), got 28800001");
}

TEST_F(SpeechTest, Wrong_language_and_task_are_named) {
  input_.set("language", json::value("English"));
  EXPECT_EQ(infer(), "language must be an ISO 639-1 code such as en, or auto, got \"English\"");
  input_.set("language", json::value(5));
  EXPECT_EQ(infer(), "language must be a string, got 5");
  input_.set("language", json::value("en"));
  input_.set("task", json::value("sing"));
  EXPECT_EQ(infer(), "task must be 'transcribe' or 'translate', got \"sing\"");
}

TEST_F(SpeechTest, A_cancelled_request_ends_with_that_error) {
  context_.cancel_after(1);
  EXPECT_EQ(infer(), "cancelled");
  EXPECT_EQ(output_.events.size(), 1U);
}

}  // namespace
}  // namespace npu::families
