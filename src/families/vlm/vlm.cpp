#include "families/vlm/vlm.hpp"

#include "families/generation/text_generator.hpp"

namespace npu::families {

std::unique_ptr<Family> make_vlm_family() {
  return make_generator_family(
      {.takes_frames = true, .no_prompt = "prompt and frames are required for vlm_chat"});
}

}  // namespace npu::families
