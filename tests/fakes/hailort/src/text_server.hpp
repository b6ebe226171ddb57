// The chip's side of a language model: the context and the generation that is under way.
//
// As in HailoRT since 5.2, the host asks for one token at a time. Each call is one request; callers
// hold GenaiLink::session().
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "hailo/buffer.hpp"
#include "hailo/genai/llm/llm.hpp"

#include "genai_link.hpp"

namespace hailo_fake {

using GenerationStatus = hailort::genai::LLMGeneratorCompletion::Status;

// Four bytes a token, as the simulated device counts.
std::vector<int> tokens_of(const std::string& text);

class TextServer {
 public:
  explicit TextServer(GenaiLink& link);

  const hailort::genai::LLMGeneratorParams& usual_params() const { return usual_params_; }
  void set_params(const hailort::genai::LLMGeneratorParams& params) { params_ = params; }

  // Begins a generation. frames: pictures, which are encoded now.
  hailo_status generate(const std::vector<hailort::MemoryView>& frames);
  struct Piece {
    std::string text;
    GenerationStatus status = GenerationStatus::GENERATING;
  };
  // The next token; the prompt comes with the first read.
  hailort::Expected<Piece> read(const std::string& prompt);
  void abort() { abort_requested_ = true; }

  void clear_context();
  hailort::Expected<hailort::BufferPtr> save_context();
  hailo_status load_context(const hailort::MemoryView& context);
  std::size_t context_used() const { return used_ + prefix_; }
  std::size_t context_size() const { return context_size_; }
  // A token was sent twice: from now on the model talks nonsense.
  void spoil_context() { spoiled_ = true; }

  const std::vector<std::string>& stop_sequences() const { return stops_; }
  const std::string& recovery() const { return recovery_; }
  const std::string& chat_template() const { return chat_template_; }

 private:
  void read_config();
  hailo_status prefill(const std::string& prompt);
  void decide_what_to_say(const std::string& prompt);
  std::string next_token();
  GenerationStatus status_after(const std::string& token);
  bool is_stop(const std::string& token);
  GenerationStatus finish(GenerationStatus how);

  GenaiLink& link_;
  hailort::genai::LLMGeneratorParams usual_params_;
  hailort::genai::LLMGeneratorParams params_;
  std::string chat_template_;
  std::size_t context_size_;
  std::vector<std::string> stops_;
  std::string recovery_;

  std::size_t used_ = 0;    // tokens in the cache
  std::size_t prefix_ = 0;  // tokens that go in with the next prompt
  bool spoiled_ = false;
  bool warned_ = false;

  std::uint64_t frames_sum_ = 0;
  std::size_t frames_ = 0;
  std::vector<std::string> say_;
  std::size_t said_ = 0;
  std::uint32_t generated_ = 0;
  bool silent_ = false;
  bool abort_requested_ = false;
  std::deque<int> recent_;
  std::deque<std::string> recovering_;
  GenerationStatus end_ = GenerationStatus::GENERATING;
};

}  // namespace hailo_fake
