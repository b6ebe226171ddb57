// The generative models: language, vision-language, speech. 5.1.1 and later: those of 5.1.0 do not
// tell how long their context is and cannot save it.
#include <hailo/genai/llm/llm.hpp>
#include <hailo/genai/speech2text/speech2text.hpp>
#include <hailo/genai/vlm/vlm.hpp>

using Text = hailort::genai::LLM;
using Vision = hailort::genai::VLM;
using Speech = hailort::genai::Speech2Text;

template <class Model>
hailo_status with_context(Model& model) {
  const auto capacity = model.max_context_capacity();
  const auto used = model.get_context_usage_size();
  if (!capacity || !used) return capacity.status();
  const auto saved = model.save_context();
  if (!saved) return saved.status();
  return model.load_context(hailort::MemoryView::create_const((*saved)->data(), (*saved)->size()));
}
template hailo_status with_context(Text& model);
template hailo_status with_context(Vision& model);
