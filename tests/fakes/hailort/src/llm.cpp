#include "hailo/genai/llm/llm.hpp"

#include "text_model.hpp"

namespace hailort::genai {

LLMParams::LLMParams(const std::string& hef_path, const std::string& lora_name,
                     bool optimize_memory_on_device)
    : m_hef_path(hef_path),
      m_lora(lora_name),
      m_optimize_memory_on_device(optimize_memory_on_device) {}

const std::string& LLMParams::hef() const { return m_hef_path; }
const std::string& LLMParams::lora() const { return m_lora; }
bool LLMParams::optimize_memory_on_device() const { return m_optimize_memory_on_device; }
void LLMParams::set_optimize_memory_on_device(bool optimize_memory_on_device) {
  m_optimize_memory_on_device = optimize_memory_on_device;
}

class LLM::Impl : public TextModelImpl {
 public:
  using TextModelImpl::TextModelImpl;
};

LLM::LLM(std::unique_ptr<Impl> pimpl) : m_pimpl(std::move(pimpl)) {}
LLM::LLM(LLM&&) = default;
LLM::~LLM() = default;

Expected<LLM> LLM::create(std::shared_ptr<VDevice> vdevice, const LLMParams& llm_params) {
  auto client = TextModelImpl::open(vdevice, llm_params.hef(), llm_params.lora(),
                                    llm_params.optimize_memory_on_device(),
                                    hailo_fake::HefFile::Kind::kLanguage);
  if (!client) return make_unexpected(client.status());
  return LLM(std::make_unique<Impl>(client.release()));
}

Expected<LLMGeneratorParams> LLM::create_generator_params() { return m_pimpl->params(); }

Expected<LLMGenerator> LLM::create_generator(const LLMGeneratorParams& params) {
  auto generator = m_pimpl->generator(params);
  if (!generator) return make_unexpected(generator.status());
  return LLMGenerator(generator.release());
}

Expected<LLMGenerator> LLM::create_generator() {
  const auto params = create_generator_params();
  if (!params) return make_unexpected(params.status());
  return create_generator(*params);
}

Expected<std::vector<int>> LLM::tokenize(const std::string& prompt) {
  return m_pimpl->tokenize(prompt);
}
Expected<size_t> LLM::get_context_usage_size() { return m_pimpl->used(); }
Expected<size_t> LLM::max_context_capacity() { return m_pimpl->capacity(); }
hailo_status LLM::clear_context() { return m_pimpl->clear(); }
Expected<BufferPtr> LLM::save_context() { return m_pimpl->save(); }
hailo_status LLM::load_context(const MemoryView& context) { return m_pimpl->load(context); }
Expected<std::string> LLM::get_generation_recovery_sequence() { return m_pimpl->recovery(); }
Expected<std::string> LLM::prompt_template() { return m_pimpl->prompt_template(); }
Expected<std::vector<std::string>> LLM::get_stop_tokens() { return m_pimpl->stops(); }

}  // namespace hailort::genai
