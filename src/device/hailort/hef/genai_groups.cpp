#include "device/hailort/hef/genai_groups.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace npu::device::hailort {
namespace {

constexpr std::string_view kPrefill = "__prefill";
constexpr std::string_view kBareModel = "base_model";

}  // namespace

Result<std::string> default_adapter(std::span<const std::string> groups) {
  std::vector<std::string> adapters;
  for (const auto& name : groups) {
    if (name.ends_with(kPrefill)) {
      adapters.push_back(name.substr(0, name.size() - kPrefill.size()));
    }
  }
  const auto is_bare = [](const auto& name) { return name.ends_with(kBareModel); };
  if (std::ranges::any_of(adapters, is_bare)) return std::string(kBareModel);
  if (adapters.empty()) return std::string();
  if (adapters.size() == 1) return adapters.front();
  return fail(ErrorCode::kUnsupported,
              fmt::format("the file has adapters without their base model, and which of them is "
                          "meant cannot be told: {}",
                          fmt::join(adapters, ", ")));
}

bool is_speech_model(std::span<const std::string> groups) {
  const auto has = [&](std::string_view part) {
    return std::ranges::any_of(
        groups, [part](const auto& name) { return name.find(part) != std::string::npos; });
  };
  return has("encoder") && has("decoder");
}

}  // namespace npu::device::hailort
