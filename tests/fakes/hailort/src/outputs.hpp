// What comes out of a model: the simulated device's values, quantised and in HailoRT's layouts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "device/sim/fault.hpp"
#include "hef_file.hpp"

namespace hailo_fake {

// An output as it was configured.
struct OutputPlan {
  Stream stream;  // with its limits of boxes
  hailo_format_t format{};
  npu::device::sim::Fill fill;
  float score_threshold = 0;
};

// sum: npu::device::sim::checksum of the inputs.
void render(const OutputPlan& plan, std::uint64_t sum,
            std::optional<npu::device::sim::WrongValue> wrong, std::span<std::uint8_t> out);

// Boxes in one of the three layouts. What a layout leaves unused is garbage.
void render_boxes(const OutputPlan& plan, std::span<std::uint8_t> out);

}  // namespace hailo_fake
