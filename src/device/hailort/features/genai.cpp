// The generative models: language, vision-language, speech. 5.1.1 and later: those of 5.1.0 do not
// tell how long their context is and cannot save it.
#include <hailo/genai/llm/llm.hpp>
#include <hailo/genai/speech2text/speech2text.hpp>
#include <hailo/genai/vlm/vlm.hpp>

using Text = hailort::genai::LLM;
using Vision = hailort::genai::VLM;
using Speech = hailort::genai::Speech2Text;

template <class Model>
void with_context(Model& model) {
  (void)model.max_context_capacity().value();
  (void)model.get_context_usage_size().value();
  (void)model.load_context(hailort::MemoryView(model.save_context().value()));
}
template void with_context(Text& model);
template void with_context(Vision& model);
