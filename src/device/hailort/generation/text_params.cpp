#include "device/hailort/generation/text_params.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

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
bool is_temperature(float value) { return std::isfinite(value) && value >= 0; }

// What the file of a model says may be anything.
float default_temperature(const GeneratorSettings& defaults) {
  return defaults.sample && is_temperature(defaults.temperature) ? defaults.temperature : 0;
}

int default_max_tokens(const GeneratorSettings& defaults) {
  constexpr std::uint32_t kMost = std::numeric_limits<int>::max();
  return defaults.max_tokens == 0 ? kDefaultMaxTokens
                                  : static_cast<int>(std::min(defaults.max_tokens, kMost));
}

}  // namespace

Result<GeneratorSettings> generator_settings(const Sampling& wanted,
                                             const GeneratorSettings& defaults) {
  GeneratorSettings settings;
  const float temperature = wanted.temperature.value_or(default_temperature(defaults));
  if (!is_temperature(temperature)) return wrong("temperature", "0 or more", temperature);
  settings.sample = temperature >= kMinTemperature;
  settings.temperature = settings.sample ? temperature : 1;

  // All of the tokens are no more than all of them.
  if (wanted.top_p && !(*wanted.top_p >= 0)) return wrong("top_p", "0..1", *wanted.top_p);
  settings.top_p =
      std::min(wanted.top_p.value_or(is_share(defaults.top_p) ? defaults.top_p : 1.0F), 1.0F);
  settings.top_k = legal_top_k(wanted.top_k ? std::int64_t{*wanted.top_k} : defaults.top_k);

  // 0 asks for none, as in other interfaces.
  const float penalty = wanted.repetition_penalty.value_or(
      is_penalty(defaults.repetition_penalty) ? defaults.repetition_penalty : 1);
  if (penalty != 0 && !is_penalty(penalty)) return wrong("repetition_penalty", "over 0", penalty);
  settings.repetition_penalty = penalty == 0 ? 1 : penalty;

  const int max_tokens = wanted.max_tokens.value_or(default_max_tokens(defaults));
  if (max_tokens < 1) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("max_tokens must be at least 1, got {}", max_tokens));
  }
  settings.max_tokens = static_cast<std::uint32_t>(max_tokens);
  // The largest seed is HailoRT's word for a random one; a seed that was asked for is repeatable.
  settings.seed = wanted.seed ? std::min(*wanted.seed, kRandomSeed - 1) : kRandomSeed;
  return settings;
}

}  // namespace npu::device::hailort
