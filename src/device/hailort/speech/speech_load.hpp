// Loading a speech model (Speech2Text).
#pragma once

#include <memory>

#include <npu/result.hpp>

#include "device/device.hpp"

namespace npu::device::hailort {

class Chip;

// Blocks for seconds and cannot be interrupted; context is asked between attempts. One that times
// out is kDeviceLost (chip.hpp, kSendingGotStuck).
Result<std::unique_ptr<SpeechModel>> load_speech_model(std::shared_ptr<Chip> chip,
                                                       const ModelFile& file, RunContext& context);

}  // namespace npu::device::hailort
