// Loading a language (LLM) or vision-language model (VLM).
#pragma once

#include <memory>

#include <npu/result.hpp>

#include "device/device.hpp"

namespace npu::device::hailort {

class Chip;

// Blocks for seconds to minutes and cannot be interrupted; context is asked between attempts. One
// that times out is kDeviceLost (chip.hpp, kSendingGotStuck).
//
// kBusy where the KV cache of the device is held: by another process, since the caller loads one
// text model at a time and destroys the old one first. The device frees it some time after that,
// which is waited for here.
Result<std::unique_ptr<TextModel>> load_text_model(std::shared_ptr<Chip> chip,
                                                   const ModelFile& file, RunContext& context);

}  // namespace npu::device::hailort
