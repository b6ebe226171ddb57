// One model's entry in a profile.
#pragma once

#include <optional>
#include <string_view>

#include "device/sim/profile.hpp"
#include "device/sim/yaml_reader.hpp"

namespace npu::device::sim {

inline constexpr double kMaxMegabytes = 1e7;

std::optional<ModelKind> model_kind_from_name(std::string_view name);

// Reads the keys of a model. kind: given for defaults, else the entry's own key. Throws YamlError.
ModelProfile read_model(YamlReader& reader, std::optional<ModelKind> kind);

}  // namespace npu::device::sim
