// Language models as the hardware checks use them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <npu/result.hpp>

#include "device/hailort/selftest/bench.hpp"

namespace npu::device::hailort::selftest {

// How the last attempt went.
struct Loaded {
  hailo_status status = HAILO_SUCCESS;
  double ms = 0;
  int attempts = 1;
};
// Tries again, with pauses, while the answer is that the KV cache is taken, as it is for a while
// after another model was dropped. `load` gives the status of one attempt.
Loaded load_patiently(const std::function<hailo_status()>& load);

struct LoadedText : Loaded {
  std::shared_ptr<genai::LLM> model;  // null where the status is not success
};
// One attempt.
LoadedText load_text(std::shared_ptr<sdk::VDevice> device, const std::string& path);
LoadedText load_text_patiently(const std::shared_ptr<sdk::VDevice>& device,
                               const std::string& path);
Result<std::shared_ptr<genai::LLM>> must_load_text(const std::shared_ptr<sdk::VDevice>& device,
                                                   const std::string& path);

inline constexpr const char* kPrompt = "Say hello.";
inline constexpr int kFewTokens = 8;
// A prompt of about so many words, which is a little fewer than its tokens.
std::string long_prompt(int words);

// An answer under way. Greedy.
struct Speaking {
  std::unique_ptr<genai::LLMGenerator> generator;
  std::unique_ptr<genai::LLMGeneratorCompletion> completion;
};
// From an empty context.
Result<Speaking> speak(genai::LLM& model, const std::string& prompt, int max_tokens);
// From the context that there is.
Result<Speaking> speak_on(genai::LLM& model, const std::string& prompt, int max_tokens);

struct Spoken {
  int pieces = 0;
  double first_ms = 0;  // until the first piece
  double ms = 0;
  hailo_status status = HAILO_SUCCESS;  // of the read that failed, if one did
  std::string text;
};
// Reads to the end, or until on_piece says false, and then drops the answer. Never empty.
Spoken listen(Speaking speaking, const std::function<bool(int piece)>& on_piece = {});
// speak() and listen(); a status that is not success tells what went wrong in either.
Spoken say(genai::LLM& model, const std::string& prompt, int max_tokens);
Spoken go_on(genai::LLM& model, const std::string& prompt, int max_tokens);
boost::json::object to_json(const Spoken& spoken);

}  // namespace npu::device::hailort::selftest
