// A lane is one worker process: work of different lanes runs at the same time, work of one lane in
// turn.
#pragma once

#include <array>
#include <string_view>

namespace npu {

enum class Lane { kVision, kGeneration, kSpeech };

inline constexpr std::array<Lane, 3> kLanes{Lane::kVision, Lane::kGeneration, Lane::kSpeech};

constexpr std::string_view name_of(Lane lane) {
  constexpr std::array<std::string_view, 3> kNames{"vision", "generation", "speech"};
  return kNames[static_cast<std::size_t>(lane)];
}

}  // namespace npu
