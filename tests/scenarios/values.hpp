// Numbers, durations and sizes as scenarios write them.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"

namespace npu::scenario {

// A number and its unit: "9.7s" is {9.7, "s"}.
inline std::optional<std::pair<double, std::string_view>> split_unit(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  return std::pair{number, text.substr(static_cast<std::size_t>(end - text.data()))};
}

inline std::optional<double> parse_number(std::string_view text) {
  const auto found = split_unit(text);
  if (!found || !found->second.empty()) return std::nullopt;
  return found->first;
}

// us, ms, s, m, h, without a space.
inline std::optional<Duration> parse_duration(std::string_view text) {
  const auto found = split_unit(text);
  if (!found) return std::nullopt;
  const auto [number, unit] = *found;
  const double seconds = unit == "us"   ? number * 1e-6
                         : unit == "ms" ? number * 1e-3
                         : unit == "s"  ? number
                         : unit == "m"  ? number * 60
                         : unit == "h"  ? number * 3600
                                        : -1;
  if (seconds < 0) return std::nullopt;
  return std::chrono::round<Duration>(std::chrono::duration<double>(seconds));
}

// MB and GB are powers of ten.
inline std::optional<std::uint64_t> parse_size(std::string_view text) {
  const auto found = split_unit(text);
  if (!found) return std::nullopt;
  const auto [number, unit] = *found;
  const double factor = unit.empty() ? 1 : unit == "MB" ? 1e6 : unit == "GB" ? 1e9 : 0;
  if (factor == 0) return std::nullopt;
  return static_cast<std::uint64_t>(number * factor);
}

}  // namespace npu::scenario
