// A running answer. A thread pulls tokens as fast as the chip gives them, whether somebody reads
// them or not.
#include <algorithm>
#include <cstring>

#include "log.hpp"
#include "text_client.hpp"

namespace hailort::genai {

using namespace std::chrono_literals;
namespace fake = hailo_fake;

namespace {

constexpr std::size_t kBacklog = 1024;
// So long a token waits for room, then it is dropped.
constexpr auto kLongPatience = 2min;

}  // namespace

LLMGeneratorCompletion::Impl::Impl(std::shared_ptr<fake::TextClient> client,
                                   std::shared_ptr<LLMGenerator::Impl> generator,
                                   std::string prompt)
    : client_(std::move(client)), generator_(std::move(generator)), prompt_(std::move(prompt)) {
  client_->completion_made();
  puller_ = std::thread([this] { pull(); });
}

LLMGeneratorCompletion::Impl::~Impl() {
  (void)client_->finish();
  if (status() == Status::GENERATING) {
    const hailo_status aborted = abort();
    if (aborted != HAILO_SUCCESS && !client_->settings().at_least(3) &&
        client_->settings().at_least(2)) {
      // The thread is not joined, and its destructor ends the process.
      fake::give_up("5.2: a completion was destroyed while it generated and could not be aborted");
    }
  }
  {
    const std::lock_guard lock(mutex_);
    shut_ = true;
  }
  changed_.notify_all();
  if (puller_.joinable()) puller_.join();
  client_->completion_gone();
}

void LLMGeneratorCompletion::Impl::pull() {
  std::string prompt = prompt_;
  for (;;) {
    auto piece = client_->ask([&](fake::TextServer& server) { return server.read(prompt); });
    if (!piece) {
      fake::log_error("Failed to send read request: " +
                      std::to_string(static_cast<int>(piece.status())));
      break;
    }
    const bool last = piece->status != Status::GENERATING;
    if (!put(piece.release()) || last) break;
    prompt.clear();
  }
  // Whoever waits for more waits in vain; but not while there is something to read.
  const std::lock_guard lock(mutex_);
  if (pieces_.empty()) shut_ = true;
  changed_.notify_all();
}

bool LLMGeneratorCompletion::Impl::put(fake::TextServer::Piece piece) {
  std::unique_lock lock(mutex_);
  const auto patience = client_->settings().scaled(kLongPatience);
  const bool room =
      changed_.wait_for(lock, patience, [&] { return shut_ || pieces_.size() < kBacklog; });
  if (shut_) return false;
  if (!room) {
    fake::log_warning("Client token queue is full, dropping token");
    lock.unlock();
    client_->ask([](fake::TextServer& server) { server.spoil_context(); });
    return true;
  }
  pieces_.push_back(std::move(piece));
  changed_.notify_all();
  return true;
}

Expected<std::string> LLMGeneratorCompletion::Impl::read(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  if (status_ != Status::GENERATING) {
    fake::log_error("read() cannot be called after generation completed!");
    return make_unexpected(HAILO_INVALID_OPERATION);
  }
  // Longer than this is for ever.
  const auto patience = std::min<std::chrono::milliseconds>(timeout, 24h * 365);
  if (!changed_.wait_for(lock, patience, [&] { return shut_ || !pieces_.empty(); })) {
    return make_unexpected(HAILO_TIMEOUT);
  }
  if (pieces_.empty()) return make_unexpected(HAILO_INVALID_OPERATION);
  auto piece = std::move(pieces_.front());
  pieces_.pop_front();
  status_ = piece.status;
  changed_.notify_all();
  return std::move(piece.text);
}

LLMGeneratorCompletion::Status LLMGeneratorCompletion::Impl::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

hailo_status LLMGeneratorCompletion::Impl::abort() {
  const hailo_status told = client_->tell([](fake::TextServer& server) {
    server.abort();
    return HAILO_SUCCESS;
  });
  if (told != HAILO_SUCCESS) return told;
  if (puller_.joinable()) puller_.join();
  return HAILO_SUCCESS;
}

LLMGeneratorCompletion::LLMGeneratorCompletion(std::unique_ptr<Impl> pimpl)
    : m_pimpl(std::move(pimpl)) {}
LLMGeneratorCompletion::LLMGeneratorCompletion(LLMGeneratorCompletion&&) = default;
LLMGeneratorCompletion::~LLMGeneratorCompletion() = default;

Expected<std::string> LLMGeneratorCompletion::read(std::chrono::milliseconds timeout) {
  return m_pimpl->read(timeout);
}

LLMGeneratorCompletion::Status LLMGeneratorCompletion::generation_status() const {
  return m_pimpl->status();
}

hailo_status LLMGeneratorCompletion::abort() { return m_pimpl->abort(); }

}  // namespace hailort::genai
