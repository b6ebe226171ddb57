// Cuts long audio into pieces of bounded length, in pauses where there are any.
//
// The device takes audio of any length but cannot be interrupted while it transcribes, and says
// nothing before the end.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace npu::device::hailort {

inline constexpr std::size_t kSpeechRate = 16000;  // samples a second

struct SplitRule {
  std::size_t longest = 29 * kSpeechRate;
  // A cut is made in this last part of the longest piece. Under `longest`.
  std::size_t search = 9 * kSpeechRate;
};

struct AudioPiece {
  std::size_t begin = 0;  // samples
  std::size_t end = 0;

  bool operator==(const AudioPiece&) const = default;
};

// The pieces follow each other without gap or overlap, from 0 to audio.size(); none is empty or
// over rule.longest. A cut lies in the middle of the longest quiet stretch of its search area,
// quiet being near the softest 200 ms there: so never in speech if the area has a pause that is
// longer than the gaps between sounds. The same audio gives the same pieces.
std::vector<AudioPiece> split_audio(std::span<const float> audio, const SplitRule& rule = {});

}  // namespace npu::device::hailort
