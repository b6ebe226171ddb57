// The audio of a speech request.
#pragma once

#include <span>
#include <vector>

#include <npu/result.hpp>

#include "families/family.hpp"

namespace npu::families {

inline constexpr std::size_t kSampleRate = 16000;
inline constexpr std::size_t kMaxAudioMinutes = 30;
inline constexpr std::size_t kMaxAudioSamples = kMaxAudioMinutes * 60 * kSampleRate;

// Checked samples. A copy: the sender may change shared memory after it was checked.
class Audio {
 public:
  // Checks type, shape, length and that every sample is finite.
  static Result<Audio> parse(const InferInput& input);

  std::span<const float> samples() const { return samples_; }

 private:
  std::vector<float> samples_;
};

}  // namespace npu::families
