// Generators of LLM and VLM, and their parameters.
#include "hailo/genai/vlm/vlm.hpp"

#include "text_client.hpp"
#include "vlm_generator.hpp"

namespace hailort::genai {

using namespace std::chrono_literals;
namespace fake = hailo_fake;

namespace {

constexpr auto kPrefillOnly = 2min;

}  // namespace

hailo_status LLMGeneratorParams::set_temperature(float32_t temperature) {
  m_temperature = temperature;
  return HAILO_SUCCESS;
}
float32_t LLMGeneratorParams::temperature() const { return m_temperature; }
hailo_status LLMGeneratorParams::set_top_p(float32_t top_p) {
  m_top_p = top_p;
  return HAILO_SUCCESS;
}
float32_t LLMGeneratorParams::top_p() const { return m_top_p; }
hailo_status LLMGeneratorParams::set_top_k(uint32_t top_k) {
  m_top_k = top_k;
  return HAILO_SUCCESS;
}
uint32_t LLMGeneratorParams::top_k() const { return m_top_k; }
hailo_status LLMGeneratorParams::set_frequency_penalty(float32_t frequency_penalty) {
  m_frequency_penalty = frequency_penalty;
  return HAILO_SUCCESS;
}
float32_t LLMGeneratorParams::frequency_penalty() const { return m_frequency_penalty; }
hailo_status LLMGeneratorParams::set_max_generated_tokens(uint32_t max_generated_tokens) {
  m_max_generated_tokens = max_generated_tokens;
  return HAILO_SUCCESS;
}
uint32_t LLMGeneratorParams::max_generated_tokens() const { return m_max_generated_tokens; }
hailo_status LLMGeneratorParams::set_do_sample(bool do_sample) {
  m_do_sample = do_sample;
  return HAILO_SUCCESS;
}
bool LLMGeneratorParams::do_sample() const { return m_do_sample; }
hailo_status LLMGeneratorParams::set_seed(uint32_t seed) {
  m_seed = seed;
  return HAILO_SUCCESS;
}
uint32_t LLMGeneratorParams::seed() const { return m_seed; }

LLMGenerator::Impl::Impl(std::shared_ptr<fake::TextClient> client, uint32_t max_tokens)
    : client_(std::move(client)), max_tokens_(max_tokens) {
  client_->generator_made();
}

LLMGenerator::Impl::~Impl() {
  (void)client_->finish();
  client_->generator_gone();
}

hailo_status LLMGenerator::Impl::write(const std::string& prompt) {
  if (prompt.empty()) return HAILO_INVALID_ARGUMENT;
  const hailo_status told = client_->tell([](fake::TextServer&) { return HAILO_SUCCESS; });
  if (told == HAILO_SUCCESS) prompt_ += prompt;
  return told;
}

Expected<LLMGeneratorCompletion> LLMGenerator::Impl::generate(
    const std::vector<MemoryView>& frames) {
  if (prompt_.empty()) return make_unexpected(HAILO_INVALID_OPERATION);
  const hailo_status told =
      client_->tell([&](fake::TextServer& server) { return server.generate(frames); });
  if (told != HAILO_SUCCESS) return make_unexpected(told);
  LLMGeneratorCompletion completion(std::make_unique<LLMGeneratorCompletion::Impl>(
      client_, shared_from_this(), std::exchange(prompt_, {})));
  if (max_tokens_ == 0) {
    const auto nothing = completion.read(kPrefillOnly);
    if (!nothing) return make_unexpected(nothing.status());
  }
  return completion;
}

LLMGenerator::LLMGenerator(std::shared_ptr<Impl> pimpl) : m_pimpl(std::move(pimpl)) {}
LLMGenerator::LLMGenerator(LLMGenerator&& other) = default;
LLMGenerator::~LLMGenerator() = default;
hailo_status LLMGenerator::write(const std::string& prompt) { return m_pimpl->write(prompt); }
Expected<LLMGeneratorCompletion> LLMGenerator::generate() { return m_pimpl->generate({}); }

VLMGenerator::VLMGenerator(std::shared_ptr<Impl> pimpl) : m_pimpl(std::move(pimpl)) {}
VLMGenerator::VLMGenerator(VLMGenerator&& other) = default;
VLMGenerator::~VLMGenerator() = default;

Expected<LLMGeneratorCompletion> VLMGenerator::generate(
    const std::string& prompt, const std::vector<MemoryView>& input_frames) {
  if (prompt.empty()) return make_unexpected(HAILO_INVALID_ARGUMENT);
  const hailo_status written = m_pimpl->generator->write(prompt);
  if (written != HAILO_SUCCESS) return make_unexpected(written);
  return m_pimpl->generator->generate(input_frames);
}

}  // namespace hailort::genai
