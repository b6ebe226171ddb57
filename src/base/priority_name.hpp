// The names of the classes of requests, as they are on the wire and in labels.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include <npu/priority.hpp>

namespace npu {

inline constexpr std::array<std::string_view, 3> kPriorityNames{"realtime", "interactive", "batch"};

constexpr std::string_view name_of(Priority priority) {
  return kPriorityNames[static_cast<std::size_t>(priority)];
}

constexpr std::optional<Priority> priority_named(std::string_view name) {
  for (std::size_t i = 0; i < kPriorityNames.size(); ++i) {
    if (kPriorityNames[i] == name) return static_cast<Priority>(i);
  }
  return std::nullopt;
}

}  // namespace npu
