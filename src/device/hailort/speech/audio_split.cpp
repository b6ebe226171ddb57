#include "device/hailort/speech/audio_split.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

namespace npu::device::hailort {
namespace {

constexpr std::size_t kFrame = kSpeechRate / 100;
constexpr std::size_t kPauseFrames = 20;
constexpr double kQuietFactor = 4;  // 6 dB over the softest pause
constexpr double kSilence = 1e-8;   // mean square of -80 dBFS: nothing below is sound

std::vector<double> energies(std::span<const float> audio) {
  std::vector<double> energy(audio.size() / kFrame);
  for (std::size_t i = 0; i < energy.size(); ++i) {
    const auto frame = audio.subspan(i * kFrame, kFrame);
    energy[i] = std::transform_reduce(frame.begin(), frame.end(), 0.0, std::plus<>(),
                                      [](float x) { return double{x} * double{x}; }) /
                static_cast<double>(kFrame);
  }
  return energy;
}

// The mean of the softest stretch of kPauseFrames frames.
double softest(std::span<const double> energy) {
  const std::size_t length = std::min(kPauseFrames, energy.size());
  double least = std::numeric_limits<double>::max();
  for (std::size_t at = 0; at + length <= energy.size(); ++at) {
    const auto stretch = energy.subspan(at, length);
    least = std::min(
        least, std::accumulate(stretch.begin(), stretch.end(), 0.0) / static_cast<double>(length));
  }
  return least;
}

// Where to cut `area`, in samples from its begin; its size where nothing in it is quiet.
std::size_t quiet_middle(std::span<const float> area) {
  const auto energy = energies(area);
  const double quiet = std::max(kSilence, kQuietFactor * softest(energy));
  std::size_t longest = 0;
  std::size_t middle = area.size();
  for (std::size_t at = 0; at < energy.size();) {
    std::size_t end = at;
    while (end < energy.size() && energy[end] <= quiet) ++end;
    if (end > at && end - at >= longest) {  // of equal ones the last
      longest = end - at;
      middle = (at + end) * kFrame / 2;
    }
    at = end + 1;
  }
  return middle;
}

}  // namespace

std::vector<AudioPiece> split_audio(std::span<const float> audio, const SplitRule& rule) {
  std::vector<AudioPiece> pieces;
  std::size_t begin = 0;
  while (audio.size() - begin > rule.longest) {
    const std::size_t first = begin + rule.longest - rule.search;
    const std::size_t end = first + quiet_middle(audio.subspan(first, rule.search));
    pieces.push_back({begin, end});
    begin = end;
  }
  if (begin < audio.size()) pieces.push_back({begin, audio.size()});
  return pieces;
}

}  // namespace npu::device::hailort
