#include "device/hailort/speech/speech_load.hpp"

// SpeechModel against the fake of HailoRT.
#include <cmath>
#include <numbers>

#include <gmock/gmock.h>

#include "device/hailort/generation/text_load.hpp"
#include "device/hailort/speech/audio_split.hpp"
#include "device/hailort/test/genai_test_support.hpp"

namespace npu::device::hailort {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class HailortSpeech : public GenaiTest {
 protected:
  std::unique_ptr<SpeechModel> load(const std::string& stem = "ear") {
    auto model = load_speech_model(chip_, file(stem), context_);
    EXPECT_TRUE(model) << model.error().message;
    return model ? std::move(*model) : nullptr;
  }
  // A tone with a pause of half a second from `pause` on.
  static std::vector<float> audio(double seconds, double pause = -1) {
    std::vector<float> samples(static_cast<std::size_t>(seconds * kSpeechRate));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const double t = static_cast<double>(i) / kSpeechRate;
      const bool silent = t >= pause && t < pause + 0.5;
      samples[i] =
          silent ? 0.0F : static_cast<float>(0.3 * std::sin(2 * std::numbers::pi * 200 * t));
    }
    return samples;
  }
  Status transcribe(SpeechModel& model, const std::vector<float>& samples,
                    std::string_view language = "en", SpeechTask task = SpeechTask::kTranscribe) {
    segments_.clear();
    return model.transcribe(
        samples, language, task,
        [this](const Segment& segment) {
          segments_.push_back(segment);
          if (on_segment_) on_segment_();
        },
        context_);
  }

  std::vector<Segment> segments_;
  std::function<void()> on_segment_;
};

TEST_F(HailortSpeech, Passes_on_language_and_task) {
  const auto model = load();
  ASSERT_TRUE(transcribe(*model, audio(3), "de", SpeechTask::kTranslate));
  ASSERT_EQ(segments_.size(), 1U);
  EXPECT_EQ(segments_[0].text, "de translate part 1 of 1");
  EXPECT_NEAR(segments_[0].end, 3, 1e-4);
  ASSERT_TRUE(transcribe(*model, audio(3), "fr"));
  EXPECT_EQ(segments_[0].text, "fr transcribe part 1 of 1");
}

TEST_F(HailortSpeech, No_language_is_detected_where_HailoRT_can) {
  const auto model = load();
  const auto done = transcribe(*model, audio(3), "");
  if (version_is("5.1.1")) {
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(done.error().message, HasSubstr("cannot detect the language"));
  } else {
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(segments_[0].text, "auto transcribe part 1 of 1");
  }
}

TEST_F(HailortSpeech, A_language_that_the_model_does_not_know_is_the_callers_mistake) {
  const auto model = load();
  const auto done = transcribe(*model, audio(3), "deutsch");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(done.error().message, HasSubstr("deutsch"));
  EXPECT_TRUE(transcribe(*model, audio(3)));
}

TEST_F(HailortSpeech, Long_audio_goes_in_pieces_that_are_cut_in_pauses_with_times_of_the_whole) {
  const auto model = load();
  ASSERT_TRUE(transcribe(*model, audio(45, 23.5)));
  ASSERT_EQ(segments_.size(), 6U);  // windows of 10 s in 23.75 s and in 21.25 s
  EXPECT_NEAR(segments_[2].end, 23.75, 0.05);
  EXPECT_NEAR(segments_[3].start, 23.75, 0.05);
  EXPECT_NEAR(segments_[4].start, 33.75, 0.05);
  EXPECT_NEAR(segments_[5].end, 45, 0.05);
  for (std::size_t i = 1; i < segments_.size(); ++i) {
    EXPECT_GE(segments_[i].start, segments_[i - 1].end - 1e-6);
  }
}

TEST_F(HailortSpeech, Very_short_audio_is_heard_and_times_do_not_pass_its_end) {
  const auto model = load();
  ASSERT_TRUE(transcribe(*model, std::vector<float>(160)));
  ASSERT_EQ(segments_.size(), 1U);
  EXPECT_NEAR(segments_[0].end, 0.01, 1e-6);
  EXPECT_TRUE(transcribe(*model, {}));
  EXPECT_TRUE(segments_.empty());
}

TEST_F(HailortSpeech, Is_cancelled_after_the_piece_that_runs) {
  const auto model = load("slow-ear");
  on_segment_ = [this] { context_.cancel(); };
  const auto done = transcribe(*model, audio(120));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(segments_.size(), 3U);
}

TEST_F(HailortSpeech, Lives_beside_a_language_model) {
  const auto ear = load();
  const auto mouth = load_text_model(chip_, file("talker"), context_);
  ASSERT_TRUE(mouth) << mouth.error().message;
  EXPECT_TRUE(transcribe(*ear, audio(3)));
}

TEST_F(HailortSpeech, Models_of_other_kinds_and_broken_files_are_refused) {
  EXPECT_EQ(load_speech_model(chip_, file("talker"), context_).error().code,
            ErrorCode::kUnsupported);
  EXPECT_EQ(load_speech_model(chip_, file("eye"), context_).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(load_speech_model(chip_, file("broken"), context_).error().code, ErrorCode::kMalformed);
}

TEST_F(HailortSpeech, The_bound_on_core_ops_asks_for_room) {
  const auto model = load_speech_model(
      chip_, file("many-ear", "kind: speech\nsize_mb: 1\nhef: {core_ops: 27}\n"), context_);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kDoesNotFit);
  EXPECT_THAT(model.error().message, HasSubstr("core-ops"));
}

TEST_F(HailortSpeech, A_device_that_is_held_for_a_moment_is_asked_again) {
  const auto stays = chip_->device_connection();  // so that the simulated chip does, and its faults
  context_.waits = false;
  int waits = 0;
  context_.on_wait = [&] { ++waits; };
  fault("[{op: connect, model: vdevice, kind: status, status: 74, times: 2}]");
  EXPECT_TRUE(load());
  EXPECT_EQ(waits, 2);
  fault("[{op: load, kind: status, status: 97}]");
  EXPECT_TRUE(load());
  EXPECT_EQ(waits, 3);
}

TEST_F(HailortSpeech, One_that_could_not_be_sent_in_time_costs_this_process_its_chip) {
  fault("[{op: load, kind: status, status: 4}]");
  const auto model = load_speech_model(chip_, file("ear"), context_);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kDeviceLost);
  EXPECT_FALSE(chip_->alive());
}

TEST_F(HailortSpeech, A_good_load_or_transcription_shows_that_time_outs_are_over) {
  const auto time_out = [&] { (void)chip_->error_of(HAILO_TIMEOUT, Operation::kRun, "waiting"); };
  time_out();
  time_out();
  const auto model = load();
  time_out();
  time_out();
  EXPECT_TRUE(transcribe(*model, audio(3)));
  time_out();
  EXPECT_TRUE(chip_->alive());
}

TEST_F(HailortSpeech, An_error_of_the_device_ends_one_transcription) {
  const auto model = load();
  fault("[{op: infer, kind: error}]");
  const auto done = transcribe(*model, audio(3));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kInternal);
  EXPECT_TRUE(transcribe(*model, audio(3)));
}

TEST_F(HailortSpeech, The_chip_that_restarts_is_lost_and_its_objects_are_left_alone) {
  auto model = load();
  fault("[{op: infer, kind: restart, after: 1}]");
  const auto done = transcribe(*model, audio(45));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(segments_.size(), 3U);
  EXPECT_TRUE(chip_->lost());
  model.reset();
}

}  // namespace
}  // namespace npu::device::hailort
