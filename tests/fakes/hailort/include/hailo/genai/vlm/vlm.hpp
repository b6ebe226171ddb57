// Language models that see.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hailo/expected.hpp"
#include "hailo/genai/common.hpp"
#include "hailo/genai/llm/llm.hpp"
#include "hailo/vdevice.hpp"

namespace hailort::genai {

class HAILORTAPI VLMParams {
 public:
  VLMParams() = default;
  VLMParams(const std::string& hef_path, bool optimize_memory_on_device = false);

  const std::string& hef() const;
  bool optimize_memory_on_device() const;
  void set_optimize_memory_on_device(bool optimize_memory_on_device);

 private:
  std::string m_hef_path;
  bool m_optimize_memory_on_device = false;
};

class HAILORTAPI VLMGenerator {
 public:
  VLMGenerator(VLMGenerator&& other);
  VLMGenerator& operator=(VLMGenerator&&) = delete;
  VLMGenerator(const VLMGenerator&) = delete;
  VLMGenerator& operator=(const VLMGenerator&) = delete;
  virtual ~VLMGenerator();

  // One frame for each picture placeholder of the prompt. Later versions have a third parameter
  // with a default.
  Expected<LLMGeneratorCompletion> generate(const std::string& prompt,
                                            const std::vector<MemoryView>& input_frames);

  class Impl;
  VLMGenerator(std::shared_ptr<Impl> pimpl);

 private:
  std::shared_ptr<Impl> m_pimpl;
};

class HAILORTAPI VLM {
 public:
  static Expected<VLM> create(std::shared_ptr<VDevice> vdevice, const VLMParams& vlm_params);

  Expected<LLMGeneratorParams> create_generator_params();
  Expected<VLMGenerator> create_generator(const LLMGeneratorParams& params);
  Expected<VLMGenerator> create_generator();
  Expected<std::vector<int>> tokenize(const std::string& prompt);
  Expected<size_t> get_context_usage_size();
  Expected<size_t> max_context_capacity();
  hailo_status clear_context();
  Expected<BufferPtr> save_context();
  hailo_status load_context(const MemoryView& context);
  Expected<std::string> get_generation_recovery_sequence();
  Expected<std::string> prompt_template();
  Expected<std::vector<std::string>> get_stop_tokens();

  uint32_t input_frame_size() const;
  const hailo_3d_image_shape_t& input_frame_shape() const;
  const hailo_format_type_t& input_frame_format_type() const;
  const hailo_format_order_t& input_frame_format_order() const;

  VLM(VLM&&);
  VLM& operator=(VLM&&) = delete;
  VLM(const VLM&) = delete;
  VLM& operator=(const VLM&) = delete;
  virtual ~VLM();

  class Impl;
  VLM(std::unique_ptr<Impl> pimpl);

 private:
  std::unique_ptr<Impl> m_pimpl;
};

}  // namespace hailort::genai
