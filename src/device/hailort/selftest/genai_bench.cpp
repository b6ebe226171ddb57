#include "device/hailort/selftest/genai_bench.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "base/utf8.hpp"

namespace npu::device::hailort::selftest {
namespace json = boost::json;
namespace {

using Completion = genai::LLMGeneratorCompletion;

constexpr std::chrono::seconds kReadTimeout{60};
constexpr std::chrono::milliseconds kBetweenAttempts{1000};
constexpr int kAttempts = 10;

bool kv_cache_taken(hailo_status status) {
  return classify(status, Operation::kLoadText) == StatusClass::kBusy;
}

Spoken listen_to(Result<Speaking> speaking) {
  if (!speaking) {
    Spoken out;
    out.status = HAILO_INTERNAL_FAILURE;
    out.text = speaking.error().message;
    return out;
  }
  return listen(std::move(*speaking));
}

}  // namespace

Loaded load_patiently(const std::function<hailo_status()>& load) {
  for (Loaded out;; ++out.attempts) {
    const Stopwatch watch;
    out.status = load();
    out.ms = watch.ms();
    if (!kv_cache_taken(out.status) || out.attempts == kAttempts) return out;
    std::this_thread::sleep_for(kBetweenAttempts);
  }
}

LoadedText load_text(std::shared_ptr<sdk::VDevice> device, const std::string& path) {
  LoadedText out;
  const Stopwatch watch;
  auto made = genai::LLM::create(std::move(device), genai::LLMParams(path));
  out.ms = watch.ms();
  out.status = made.status();
  if (made.has_value()) out.model = std::make_shared<genai::LLM>(made.release());
  return out;
}

LoadedText load_text_patiently(const std::shared_ptr<sdk::VDevice>& device,
                               const std::string& path) {
  LoadedText last;
  const Loaded loaded = load_patiently([&] {
    last = load_text(device, path);
    return last.status;
  });
  last.attempts = loaded.attempts;
  return last;
}

Result<std::shared_ptr<genai::LLM>> must_load_text(const std::shared_ptr<sdk::VDevice>& device,
                                                   const std::string& path) {
  auto loaded = load_text_patiently(device, path);
  if (loaded.model != nullptr) return std::move(loaded.model);
  return fail(to_error(loaded.status, Operation::kLoadText,
                       "loading " + std::filesystem::path(path).filename().string()));
}

std::string long_prompt(int words) {
  std::string text = "Repeat these words:";
  for (int i = 0; i < words; ++i) text += " word";
  return text;
}

Result<Speaking> speak(genai::LLM& model, const std::string& prompt, int max_tokens) {
  if (const auto status = model.clear_context(); status != HAILO_SUCCESS) {
    return refused(status, Operation::kRun, "clearing the context");
  }
  return speak_on(model, prompt, max_tokens);
}

Result<Speaking> speak_on(genai::LLM& model, const std::string& prompt, int max_tokens) {
  auto params = model.create_generator_params();
  if (!params.has_value()) return refused(params.status(), Operation::kRun, "default sampling");
  params->set_do_sample(false);
  params->set_max_generated_tokens(static_cast<std::uint32_t>(max_tokens));
  auto generator = model.create_generator(params.value());
  if (!generator.has_value())
    return refused(generator.status(), Operation::kRun, "making a generator");
  Speaking out;
  out.generator = std::make_unique<genai::LLMGenerator>(generator.release());
  if (const auto status = out.generator->write(prompt); status != HAILO_SUCCESS) {
    return refused(status, Operation::kRun, "writing a prompt");
  }
  auto completion = out.generator->generate();
  if (!completion.has_value())
    return refused(completion.status(), Operation::kRun, "starting an answer");
  out.completion = std::make_unique<Completion>(completion.release());
  return out;
}

Spoken listen(Speaking speaking, const std::function<bool(int piece)>& on_piece) {
  Spoken out;
  const Stopwatch watch;
  Completion& completion = *speaking.completion;
  while (completion.generation_status() == Completion::Status::GENERATING) {
    auto piece = completion.read(kReadTimeout);
    if (!piece.has_value()) {
      out.status = piece.status();
      break;
    }
    if (++out.pieces == 1) out.first_ms = watch.ms();
    out.text += piece.value();
    if (on_piece && !on_piece(out.pieces)) break;
  }
  speaking.completion.reset();
  speaking.generator.reset();
  out.ms = watch.ms();
  return out;
}

Spoken say(genai::LLM& model, const std::string& prompt, int max_tokens) {
  return listen_to(speak(model, prompt, max_tokens));
}

Spoken go_on(genai::LLM& model, const std::string& prompt, int max_tokens) {
  return listen_to(speak_on(model, prompt, max_tokens));
}

json::object to_json(const Spoken& spoken) {
  json::object out = status_json(spoken.status);
  out["pieces"] = spoken.pieces;
  out["first_ms"] = spoken.first_ms;
  out["ms"] = spoken.ms;
  out["text"] = utf8_prefix(spoken.text, 200);
  return out;
}

}  // namespace npu::device::hailort::selftest
