// Language models.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "hailo/expected.hpp"
#include "hailo/genai/common.hpp"
#include "hailo/hailort_common.hpp"
#include "hailo/vdevice.hpp"

namespace hailort::genai {

class HAILORTAPI LLMParams {
 public:
  LLMParams() = default;
  LLMParams(const std::string& hef_path, const std::string& lora_name = "",
            bool optimize_memory_on_device = false);

  const std::string& hef() const;
  const std::string& lora() const;
  bool optimize_memory_on_device() const;
  void set_optimize_memory_on_device(bool optimize_memory_on_device);

 private:
  std::string m_hef_path;
  std::string m_lora;
  bool m_optimize_memory_on_device = false;
};

class HAILORTAPI LLMGeneratorParams {
 public:
  hailo_status set_temperature(float32_t temperature);
  float32_t temperature() const;
  hailo_status set_top_p(float32_t top_p);
  float32_t top_p() const;
  hailo_status set_top_k(uint32_t top_k);
  uint32_t top_k() const;
  // Really a repetition penalty.
  hailo_status set_frequency_penalty(float32_t frequency_penalty);
  float32_t frequency_penalty() const;
  hailo_status set_max_generated_tokens(uint32_t max_generated_tokens);
  uint32_t max_generated_tokens() const;
  hailo_status set_do_sample(bool do_sample);
  bool do_sample() const;
  hailo_status set_seed(uint32_t seed);
  uint32_t seed() const;

  LLMGeneratorParams(float32_t temperature, float32_t top_p, uint32_t top_k,
                     float32_t frequency_penalty, uint32_t max_generated_tokens, bool do_sample,
                     uint32_t seed)
      : m_temperature(temperature),
        m_top_p(top_p),
        m_top_k(top_k),
        m_frequency_penalty(frequency_penalty),
        m_max_generated_tokens(max_generated_tokens),
        m_do_sample(do_sample),
        m_seed(seed) {}

 private:
  float32_t m_temperature;
  float32_t m_top_p;
  uint32_t m_top_k;
  float32_t m_frequency_penalty;
  uint32_t m_max_generated_tokens;
  bool m_do_sample;
  uint32_t m_seed;
};

// A running answer. Only one may exist at a time.
class HAILORTAPI LLMGeneratorCompletion final {
 public:
  LLMGeneratorCompletion(LLMGeneratorCompletion&&);
  LLMGeneratorCompletion(const LLMGeneratorCompletion&) = delete;
  LLMGeneratorCompletion& operator=(LLMGeneratorCompletion&&) = delete;
  LLMGeneratorCompletion& operator=(const LLMGeneratorCompletion&) = delete;
  ~LLMGeneratorCompletion();

  enum class Status {
    GENERATING = 0,
    MAX_TOKENS_REACHED,
    LOGICAL_END_OF_GENERATION,
    ABORTED,
    COUNT,
    MAX_VALUE = HAILO_MAX_ENUM,
  };

  static constexpr std::chrono::milliseconds DEFAULT_READ_TIMEOUT = std::chrono::seconds(10);

  Expected<std::string> read(std::chrono::milliseconds timeout = DEFAULT_READ_TIMEOUT);
  Status generation_status() const;
  hailo_status abort();

  class Impl;
  LLMGeneratorCompletion(std::unique_ptr<Impl> pimpl);

 private:
  std::unique_ptr<Impl> m_pimpl;
};

class HAILORTAPI LLMGenerator {
 public:
  LLMGenerator(LLMGenerator&& other);
  LLMGenerator& operator=(LLMGenerator&&) = delete;
  LLMGenerator(const LLMGenerator&) = delete;
  LLMGenerator& operator=(const LLMGenerator&) = delete;
  virtual ~LLMGenerator();

  // As it is.
  hailo_status write(const std::string& prompt);
  Expected<LLMGeneratorCompletion> generate();

  class Impl;
  LLMGenerator(std::shared_ptr<Impl> pimpl);

 private:
  std::shared_ptr<Impl> m_pimpl;
};

class HAILORTAPI LLM {
 public:
  static Expected<LLM> create(std::shared_ptr<VDevice> vdevice, const LLMParams& llm_params);

  Expected<LLMGeneratorParams> create_generator_params();
  Expected<LLMGenerator> create_generator(const LLMGeneratorParams& params);
  Expected<LLMGenerator> create_generator();
  Expected<std::vector<int>> tokenize(const std::string& prompt);
  Expected<size_t> get_context_usage_size();
  Expected<size_t> max_context_capacity();
  hailo_status clear_context();
  Expected<BufferPtr> save_context();
  hailo_status load_context(const MemoryView& context);
  Expected<std::string> get_generation_recovery_sequence();
  Expected<std::string> prompt_template();
  Expected<std::vector<std::string>> get_stop_tokens();

  LLM(LLM&&);
  LLM& operator=(LLM&&) = delete;
  LLM(const LLM&) = delete;
  LLM& operator=(const LLM&) = delete;
  virtual ~LLM();

  class Impl;
  LLM(std::unique_ptr<Impl> pimpl);

 private:
  std::unique_ptr<Impl> m_pimpl;
};

}  // namespace hailort::genai
