#include "text_client.hpp"

#include "log.hpp"

namespace hailo_fake {

TextClient::TextClient(std::unique_ptr<GenaiLink> link)
    : link_(std::move(link)), server_(std::make_unique<TextServer>(*link_)) {}

TextClient::~TextClient() = default;

hailo_status TextClient::tell(const std::function<hailo_status(TextServer&)>& request) {
  const std::lock_guard lock(link_->session());
  if (link_->lost()) return HAILO_COMMUNICATION_CLOSED;
  return request(*server_);
}

hailo_status TextClient::finish() {
  return tell(
      [this](TextServer&) { return link_->enter(npu::device::sim::FaultOp::kFinish, nullptr); });
}

void TextClient::generator_made() {
  const std::lock_guard lock(mutex_);
  if (++generators_ > 1) give_up("a second generator of a model while there is one");
}

void TextClient::generator_gone() {
  const std::lock_guard lock(mutex_);
  --generators_;
}

void TextClient::completion_made() {
  const std::lock_guard lock(mutex_);
  if (++completions_ > 1) give_up("a second completion of a model while there is one");
}

void TextClient::completion_gone() {
  const std::lock_guard lock(mutex_);
  --completions_;
}

void TextClient::release() {
  const std::lock_guard lock(mutex_);
  if (generators_ > 0 || completions_ > 0) {
    give_up("a model was destroyed before its generator or completion");
  }
}

hailo_status check_params(const hailort::genai::LLMGeneratorParams& params) {
  if (!(params.temperature() > 0)) {
    log_error("Temperature should be higher than '0'");
    return HAILO_INVALID_ARGUMENT;
  }
  if (!(params.top_p() >= 0 && params.top_p() <= 1) || params.top_k() < 1 ||
      params.frequency_penalty() == 0) {
    log_error("top_p should be in range [0, 1], top_k at least 1, frequency_penalty nonzero");
    return HAILO_INVALID_ARGUMENT;
  }
  return HAILO_SUCCESS;
}

}  // namespace hailo_fake
