// The host's side of a language model, with or without pictures.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "hailo/genai/llm/llm.hpp"

#include "text_server.hpp"

namespace hailo_fake {

// What LLM and VLM are made of. Generators and completions keep it alive.
class TextClient {
 public:
  explicit TextClient(std::unique_ptr<GenaiLink> link);
  ~TextClient();

  // One request, after those before it.
  template <class Request>
  auto ask(Request request) -> decltype(request(std::declval<TextServer&>())) {
    const std::lock_guard lock(link_->session());
    return request(*server_);
  }
  // As ask(), for what has a status only; HAILO_COMMUNICATION_CLOSED when the chip has gone.
  hailo_status tell(const std::function<hailo_status(TextServer&)>& request);

  // What destroying a generator or a completion asks of the chip.
  hailo_status finish();

  // There may be one generator and one completion at a time; more is undefined in HailoRT and ends
  // the test here.
  void generator_made();
  void generator_gone();
  void completion_made();
  void completion_gone();
  // The model's object is destroyed.
  void release();

  const HefFile& hef() const { return link_->hef(); }
  const Settings& settings() const { return link_->machine().settings; }

 private:
  std::unique_ptr<GenaiLink> link_;
  std::unique_ptr<TextServer> server_;
  std::mutex mutex_;
  int generators_ = 0;
  int completions_ = 0;
};

hailo_status check_params(const hailort::genai::LLMGeneratorParams& params);

}  // namespace hailo_fake

namespace hailort::genai {

class LLMGenerator::Impl : public std::enable_shared_from_this<LLMGenerator::Impl> {
 public:
  Impl(std::shared_ptr<hailo_fake::TextClient> client, uint32_t max_tokens);
  ~Impl();

  hailo_status write(const std::string& prompt);
  Expected<LLMGeneratorCompletion> generate(const std::vector<MemoryView>& frames);

 private:
  std::shared_ptr<hailo_fake::TextClient> client_;
  std::string prompt_;
  uint32_t max_tokens_;
};

class LLMGeneratorCompletion::Impl {
 public:
  Impl(std::shared_ptr<hailo_fake::TextClient> client,
       std::shared_ptr<LLMGenerator::Impl> generator, std::string prompt);
  ~Impl();

  Expected<std::string> read(std::chrono::milliseconds timeout);
  Status status() const;
  hailo_status abort();

 private:
  void pull();
  bool put(hailo_fake::TextServer::Piece piece);

  const std::shared_ptr<hailo_fake::TextClient> client_;
  const std::shared_ptr<LLMGenerator::Impl> generator_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<hailo_fake::TextServer::Piece> pieces_;
  Status status_ = Status::GENERATING;
  bool shut_ = false;
  std::string prompt_;
  std::thread puller_;
};

}  // namespace hailort::genai
