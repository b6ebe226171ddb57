// The key `model.head`: which post-processing a model's outputs want.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings.hpp"

namespace npu::kit {

inline constexpr std::string_view kAutoHead = "auto";

// names: of the heads that the service knows. head must outlive the settings' load().
inline void add_head_setting(Settings& settings, std::string& head,
                             std::span<const std::string_view> names) {
  std::vector<std::string> choices{std::string(kAutoHead)};
  choices.insert(choices.end(), names.begin(), names.end());
  settings.add(
      "model.head", head,
      {.help = "How the model's outputs are laid out; auto: as the model or their shapes say",
       .choices = std::move(choices)});
}

// The name to look for: the configured one, else what the model is said to have.
inline std::string_view head_name(const std::string& configured, std::string_view known) {
  return configured == kAutoHead ? known : std::string_view(configured);
}

}  // namespace npu::kit
