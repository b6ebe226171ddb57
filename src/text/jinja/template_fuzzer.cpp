// Reads a template and renders a conversation with it, within small bounds.
#include <cstdint>
#include <string_view>

#include <boost/json.hpp>

#include "text/jinja/chat_template.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const boost::json::object kConversation = boost::json::parse(R"({
      "messages": [{"role": "system", "content": "Be brief."},
                   {"role": "user", "content": [{"type": "text", "text": "h\u00e9 😀"}, {"type": "image"}]},
                   {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f", "arguments": {"a": [1, 2.5]}}}]}],
      "tools": [{"type": "function", "function": {"name": "f", "parameters": {"properties": {"a": {"type": "array"}}}}}],
      "add_generation_prompt": true, "bos_token": "<s>", "eos_token": "</s>", "n": 3})")
                                                       .get_object();
  const auto chat = npu::text::ChatTemplate::parse({reinterpret_cast<const char*>(data), size});
  if (chat)
    (void)chat->render(kConversation, "2026-12-01",
                       {.steps = 20'000, .bytes = 1 << 18, .depth = 20});
  return 0;
}
