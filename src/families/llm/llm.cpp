#include "families/llm/llm.hpp"

#include "families/generation/text_generator.hpp"

namespace npu::families {

std::unique_ptr<Family> make_llm_family() {
  return make_generator_family({.takes_frames = false, .no_prompt = "prompt is required for llm"});
}

}  // namespace npu::families
