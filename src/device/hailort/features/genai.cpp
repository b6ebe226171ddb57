// The generative models: language, vision-language, speech.
#include <hailo/genai/llm/llm.hpp>
#include <hailo/genai/speech2text/speech2text.hpp>
#include <hailo/genai/vlm/vlm.hpp>

using Text = hailort::genai::LLM;
using Vision = hailort::genai::VLM;
using Speech = hailort::genai::Speech2Text;
