// What LLM and VLM have in common behind their public classes.
#pragma once

#include <filesystem>

#include "text_client.hpp"

namespace hailort::genai {

class TextModelImpl {
 public:
  static Expected<std::shared_ptr<hailo_fake::TextClient>> open(
      const std::shared_ptr<VDevice>& vdevice, const std::string& path, const std::string& lora,
      bool optimise, hailo_fake::HefFile::Kind kind);

  explicit TextModelImpl(std::shared_ptr<hailo_fake::TextClient> opened)
      : client(std::move(opened)) {}
  ~TextModelImpl() { client->release(); }

  Expected<LLMGeneratorParams> params();
  Expected<std::shared_ptr<LLMGenerator::Impl>> generator(const LLMGeneratorParams& params);
  Expected<std::vector<int>> tokenize(const std::string& text);
  Expected<size_t> used();
  Expected<size_t> capacity();
  hailo_status clear();
  Expected<BufferPtr> save();
  hailo_status load(const MemoryView& context);
  Expected<std::string> recovery();
  Expected<std::string> prompt_template();
  Expected<std::vector<std::string>> stops();

  std::shared_ptr<hailo_fake::TextClient> client;

 private:
  template <class T, class Ask>
  Expected<T> get(Ask ask);
};

}  // namespace hailort::genai
