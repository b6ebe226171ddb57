// What a request asks of sampling, as the generator of HailoRT takes it.
//
// Knows no HailoRT. Values outside these bounds are refused by create_generator(), or worse, are
// not: a top_k over the vocabulary reads beyond a table on the chip.
#pragma once

#include <cstdint>

#include <npu/result.hpp>

#include "device/device.hpp"

namespace npu::device::hailort {

inline constexpr std::uint32_t kRandomSeed = UINT32_MAX;  // HAILO_RANDOM_SEED
inline constexpr std::uint32_t kMaxTopK = 1000;           // far below every vocabulary
// Temperatures below are greedy: dividing by them overflows, and nothing would differ.
inline constexpr float kMinTemperature = 0.001F;

struct GeneratorSettings {
  float temperature = 1;         // over 0
  float top_p = 1;               // 0..1
  std::uint32_t top_k = 1;       // 1..kMaxTopK
  float repetition_penalty = 1;  // over 0; called frequency_penalty there, but divides the scores
                                 // of every token that was seen
  std::uint32_t max_tokens = 1;  // at least 1
  bool sample = true;            // false is greedy
  std::uint32_t seed = kRandomSeed;

  bool operator==(const GeneratorSettings&) const = default;
};

// defaults: of the model, used where the request says nothing. A top_k of 0 or less and a top_p
// over 1 mean no limit, a repetition_penalty of 0 means none. kInvalidArgument names the field.
Result<GeneratorSettings> generator_settings(const Sampling& wanted,
                                             const GeneratorSettings& defaults);

}  // namespace npu::device::hailort
