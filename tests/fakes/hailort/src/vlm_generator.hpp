#pragma once

#include "hailo/genai/vlm/vlm.hpp"

#include "text_client.hpp"

namespace hailort::genai {

class VLMGenerator::Impl {
 public:
  std::shared_ptr<LLMGenerator::Impl> generator;
};

}  // namespace hailort::genai
