#include "device/hailort/text/text_params.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace npu::device::hailort {
namespace {

tl::unexpected<Error> wrong(std::string_view field, std::string_view right, float got) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("{} must be {}, got {}", field, right, got));
}

std::uint32_t legal_top_k(std::int64_t top_k) {
  if (top_k <= 0) return kMaxTopK;
  return static_cast<std::uint32_t>(std::min<std::int64_t>(top_k, kMaxTopK));
}

bool is_penalty(float value) { return std::isfinite(value) && value > 0; }
bool is_share(float value) { return value >= 0 && value <= 1; }

}  // namespace

Result<GeneratorSettings> generator_settings(const Sampling& wanted,
                                             const GeneratorSettings& defaults) {
  GeneratorSettings settings;
  if (!std::isfinite(wanted.temperature) || wanted.temperature < 0) {
    return wrong("temperature", "0 or more", wanted.temperature);
  }
  settings.sample = wanted.temperature >= kMinTemperature;
  settings.temperature = settings.sample ? wanted.temperature : 1;

  if (wanted.top_p && !is_share(*wanted.top_p)) return wrong("top_p", "0..1", *wanted.top_p);
  settings.top_p = wanted.top_p.value_or(is_share(defaults.top_p) ? defaults.top_p : 1);
  settings.top_k = legal_top_k(wanted.top_k ? std::int64_t{*wanted.top_k} : defaults.top_k);

  if (wanted.repetition_penalty && !is_penalty(*wanted.repetition_penalty)) {
    return wrong("repetition_penalty", "over 0", *wanted.repetition_penalty);
  }
  settings.repetition_penalty = wanted.repetition_penalty.value_or(
      is_penalty(defaults.repetition_penalty) ? defaults.repetition_penalty : 1);

  if (wanted.max_tokens < 1) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("max_tokens must be at least 1, got {}", wanted.max_tokens));
  }
  settings.max_tokens = static_cast<std::uint32_t>(wanted.max_tokens);
  // The largest seed is HailoRT's word for a random one; a seed that was asked for is repeatable.
  settings.seed = wanted.seed ? std::min(*wanted.seed, kRandomSeed - 1) : kRandomSeed;
  return settings;
}

}  // namespace npu::device::hailort
