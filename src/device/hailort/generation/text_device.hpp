// TextSession on genai::LLM and genai::VLM.
#pragma once

#include <memory>
#include <string>

#include <npu/result.hpp>

#include "device/hailort/chip/chip.hpp"
#include "device/hailort/generation/text_session.hpp"

namespace npu::device::hailort {

// One attempt; `status` is what HailoRT said, for the caller to decide about another one.
struct CreatedSession {
  hailo_status status = HAILO_SUCCESS;
  Result<std::unique_ptr<TextSession>> session = nullptr;
};

// lora: an adapter's name, "" for a model without.
CreatedSession create_llm(std::shared_ptr<Chip> chip, std::shared_ptr<sdk::VDevice> vdevice,
                          const std::string& path, const std::string& lora);
CreatedSession create_vlm(std::shared_ptr<Chip> chip, std::shared_ptr<sdk::VDevice> vdevice,
                          const std::string& path);

}  // namespace npu::device::hailort
