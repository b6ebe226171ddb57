#include "device/hailort/speech/speech_model.hpp"

#include <gmock/gmock.h>

#include "fakes/fake_device.hpp"

namespace npu::device::hailort {
namespace {

using testing::ElementsAre;

constexpr std::size_t kSamplesPerSecond = kSpeechRate;

struct Heard {
  std::vector<std::size_t> lengths;
  std::string language;
  SpeechTask task{};
  std::vector<Segment> says{{0, 1, " one"}};
  std::optional<Error> fails;
};

class Listener final : public SpeechSession {
 public:
  explicit Listener(Heard& heard) : heard_(heard) {}
  Result<std::vector<Segment>> transcribe(std::span<const float> audio, std::string_view language,
                                          SpeechTask task) override {
    heard_.lengths.push_back(audio.size());
    heard_.language = language;
    heard_.task = task;
    if (heard_.fails) return fail(*heard_.fails);
    return heard_.says;
  }

 private:
  Heard& heard_;
};

class SpeechModelTest : public testing::Test {
 protected:
  Status transcribe(std::size_t samples, std::string_view language = "en",
                    SpeechTask task = SpeechTask::kTranscribe) {
    const std::vector<float> audio(samples);
    const auto model = make_speech_model(std::make_unique<Listener>(heard_));
    return model->transcribe(
        audio, language, task,
        [this](const Segment& segment) {
          segments_.push_back(segment);
          if (on_segment_) on_segment_();
        },
        context_);
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    all.reserve(segments_.size());
    for (const auto& segment : segments_) all.push_back(segment.text);
    return all;
  }

  Heard heard_;
  fakes::FakeContext context_;
  std::vector<Segment> segments_;
  std::function<void()> on_segment_;
};

TEST_F(SpeechModelTest, Audio_of_one_piece_keeps_its_times_language_and_task) {
  heard_.says = {{0.5, 2, " one"}, {2, 4.25, " two"}};
  ASSERT_TRUE(transcribe(5 * kSamplesPerSecond, "de", SpeechTask::kTranslate));
  EXPECT_THAT(heard_.lengths, ElementsAre(5 * kSamplesPerSecond));
  EXPECT_EQ(heard_.language, "de");
  EXPECT_EQ(heard_.task, SpeechTask::kTranslate);
  EXPECT_THAT(texts(), ElementsAre(" one", " two"));
  EXPECT_EQ(segments_[1].start, 2);
  EXPECT_EQ(segments_[1].end, 4.25);
}

TEST_F(SpeechModelTest, Times_of_later_pieces_count_from_the_beginning_of_the_audio) {
  ASSERT_TRUE(transcribe(70 * kSamplesPerSecond, ""));
  ASSERT_EQ(heard_.lengths.size(), 3U);
  EXPECT_EQ(heard_.language, "");
  double begin = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_DOUBLE_EQ(segments_[i].start, begin);
    EXPECT_DOUBLE_EQ(segments_[i].end, begin + 1);
    begin += static_cast<double>(heard_.lengths[i]) / kSamplesPerSecond;
  }
  EXPECT_DOUBLE_EQ(begin, 70);
}

TEST_F(SpeechModelTest, Times_beyond_the_piece_are_clamped_and_never_run_backwards) {
  heard_.says = {{1, 10, "a"}, {3, 2, "b"}, {7, 9, "c"}, {-1, 1, "d"}};
  ASSERT_TRUE(transcribe(4 * kSamplesPerSecond));
  const std::vector<std::pair<double, double>> expected{{1, 4}, {3, 3}, {4, 4}, {0, 1}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(segments_[i].start, expected[i].first) << i;
    EXPECT_EQ(segments_[i].end, expected[i].second) << i;
  }
}

TEST_F(SpeechModelTest, Segments_that_say_nothing_are_left_out) {
  heard_.says = {{0, 1, ""}, {1, 2, " \n"}, {2, 3, " a"}};
  ASSERT_TRUE(transcribe(4 * kSamplesPerSecond));
  EXPECT_THAT(texts(), ElementsAre(" a"));
}

TEST_F(SpeechModelTest, No_audio_asks_nobody_and_says_nothing) {
  EXPECT_TRUE(transcribe(0));
  EXPECT_TRUE(heard_.lengths.empty());
  EXPECT_TRUE(segments_.empty());
}

TEST_F(SpeechModelTest, Is_cancelled_between_pieces_and_keeps_what_was_said) {
  on_segment_ = [this] { context_.cancel_after(0); };
  const auto done = transcribe(70 * kSamplesPerSecond);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(heard_.lengths.size(), 1U);
  EXPECT_THAT(texts(), ElementsAre(" one"));
}

TEST_F(SpeechModelTest, An_error_of_the_device_ends_it) {
  heard_.fails = Error{ErrorCode::kDeviceLost, "gone"};
  EXPECT_EQ(transcribe(70 * kSamplesPerSecond).error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(heard_.lengths.size(), 1U);
}

}  // namespace
}  // namespace npu::device::hailort
