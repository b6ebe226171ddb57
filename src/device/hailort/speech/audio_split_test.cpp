#include "device/hailort/speech/audio_split.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include <gtest/gtest.h>

namespace npu::device::hailort {
namespace {

constexpr std::size_t kSecond = kSpeechRate;

// Bursts of a changing tone over soft noise, with gaps as between words: a voice, for its energy.
class Voice {
 public:
  explicit Voice(float noise = 0.001F) : noise_(noise) {}

  Voice& speak(double seconds) {
    for (std::size_t i = 0; i < samples(seconds); ++i) {
      const double t = static_cast<double>(audio_.size()) / kSecond;
      const double word = std::sin(2 * std::numbers::pi * 2.5 * t);  // 2.5 words a second
      const bool gap = word < -0.97;                                 // about 30 ms
      const double level = gap ? 0.002 : 0.15 + 0.1 * word;
      add(level * std::sin(2 * std::numbers::pi * (180 + 40 * word) * t));
    }
    return *this;
  }
  Voice& pause(double seconds) {
    for (std::size_t i = 0; i < samples(seconds); ++i) add(0);
    return *this;
  }

  std::span<const float> audio() const { return audio_; }
  double length() const { return static_cast<double>(audio_.size()) / kSecond; }

 private:
  static std::size_t samples(double seconds) {
    return static_cast<std::size_t>(std::lround(seconds * kSecond));
  }
  void add(double value) {
    audio_.push_back(static_cast<float>(value) + noise_ * spread_(random_));
  }

  float noise_;
  std::mt19937 random_{1};
  std::uniform_real_distribution<float> spread_{-1, 1};
  std::vector<float> audio_;
};

void expect_whole(std::span<const float> audio, const std::vector<AudioPiece>& pieces,
                  const SplitRule& rule = {}) {
  std::size_t at = 0;
  for (const auto& piece : pieces) {
    EXPECT_EQ(piece.begin, at);
    EXPECT_GT(piece.end, piece.begin);
    EXPECT_LE(piece.end - piece.begin, rule.longest);
    at = piece.end;
  }
  EXPECT_EQ(at, audio.size());
}

double seconds(std::size_t samples) { return static_cast<double>(samples) / kSecond; }

TEST(AudioSplit, Short_audio_is_one_piece_and_no_audio_none) {
  EXPECT_TRUE(split_audio({}).empty());
  const std::vector<float> one(1);
  EXPECT_EQ(split_audio(one), (std::vector<AudioPiece>{{0, 1}}));
  const std::vector<float> longest(SplitRule().longest);
  EXPECT_EQ(split_audio(longest), (std::vector<AudioPiece>{{0, longest.size()}}));
}

TEST(AudioSplit, Cuts_in_the_middle_of_the_pause_in_the_last_part) {
  for (const float noise : {0.0F, 0.001F, 0.01F}) {
    Voice voice(noise);
    voice.speak(23).pause(0.6).speak(20);
    const auto pieces = split_audio(voice.audio());
    ASSERT_EQ(pieces.size(), 2U);
    EXPECT_NEAR(seconds(pieces[0].end), 23.3, 0.1) << noise;
    expect_whole(voice.audio(), pieces);
  }
}

TEST(AudioSplit, Never_cuts_speech_where_the_last_part_has_a_pause) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> speech(1.5, 7.5);
  std::uniform_real_distribution<double> pause(0.3, 1.2);
  for (int round = 0; round < 5; ++round) {
    Voice voice(0.003F);
    std::vector<std::pair<double, double>> pauses;
    while (voice.length() < 200) {
      voice.speak(speech(random));
      const double begin = voice.length();
      voice.pause(pause(random));
      pauses.emplace_back(begin, voice.length());
    }
    const auto pieces = split_audio(voice.audio());
    expect_whole(voice.audio(), pieces);
    ASSERT_GE(pieces.size(), 7U);
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
      const double cut = seconds(pieces[i].end);
      EXPECT_TRUE(std::ranges::any_of(
          pauses, [cut](const auto& one) { return one.first <= cut && cut <= one.second; }))
          << "cut at " << cut;
    }
  }
}

TEST(AudioSplit, Takes_the_longest_of_several_pauses) {
  Voice voice;
  voice.speak(21).pause(0.25).speak(3).pause(0.9).speak(3).pause(0.25).speak(20);
  EXPECT_NEAR(seconds(split_audio(voice.audio())[0].end), 24.7, 0.1);
}

TEST(AudioSplit, Takes_the_last_of_equal_pauses) {
  Voice voice(0);
  voice.speak(21).pause(0.4).speak(3).pause(0.4).speak(20);
  EXPECT_NEAR(seconds(split_audio(voice.audio())[0].end), 24.6, 0.1);
}

TEST(AudioSplit, Speech_without_a_pause_silence_and_noise_are_cut_as_well) {
  Voice endless;
  endless.speak(100);
  expect_whole(endless.audio(), split_audio(endless.audio()));
  const std::vector<float> silence(100 * kSecond + 17);
  expect_whole(silence, split_audio(silence));
  Voice noise(0.5F);
  noise.pause(100);
  expect_whole(noise.audio(), split_audio(noise.audio()));
  const std::vector<float> not_a_number(40 * kSecond, std::nanf(""));
  expect_whole(not_a_number, split_audio(not_a_number));
}

TEST(AudioSplit, The_same_audio_gives_the_same_pieces) {
  Voice voice;
  voice.speak(70).pause(0.5).speak(50);
  EXPECT_EQ(split_audio(voice.audio()), split_audio(voice.audio()));
}

TEST(AudioSplit, Every_length_is_covered_exactly) {
  const SplitRule rule{.longest = 3200, .search = 1600};
  Voice voice;
  voice.speak(2);
  for (std::size_t length = 1; length < voice.audio().size(); length += 997) {
    const auto audio = voice.audio().first(length);
    expect_whole(audio, split_audio(audio, rule), rule);
  }
}

}  // namespace
}  // namespace npu::device::hailort
