#include "hailo/genai/speech2text/speech2text.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "device/sim/script.hpp"
#include "genai_link.hpp"
#include "log.hpp"
#include "text_server.hpp"

namespace hailort::genai {

namespace fake = hailo_fake;
namespace sim = npu::device::sim;
using sim::FaultOp;

namespace {

constexpr double kSampleRate = 16000;

// None is detected since 5.2.
bool is_language(std::string_view code, const fake::Settings& settings) {
  if (code.empty()) return settings.at_least(2);
  return code.size() == 2 && std::ranges::all_of(code, [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

Speech2TextParams::Speech2TextParams(std::string_view hef_path) : m_hef_path(hef_path) {}
std::string_view Speech2TextParams::hef() const { return m_hef_path; }

hailo_status Speech2TextGeneratorParams::set_task(Speech2TextTask task) {
  m_task = task;
  return HAILO_SUCCESS;
}
hailo_status Speech2TextGeneratorParams::set_language(std::string_view language) {
  m_language = language;
  return HAILO_SUCCESS;
}
hailo_status Speech2TextGeneratorParams::set_repetition_penalty(float32_t repetition_penalty) {
  m_repetition_penalty = repetition_penalty;
  return HAILO_SUCCESS;
}
Speech2TextTask Speech2TextGeneratorParams::task() const { return m_task; }
std::string_view Speech2TextGeneratorParams::language() const { return m_language; }
float32_t Speech2TextGeneratorParams::repetition_penalty() const { return m_repetition_penalty; }

struct SpeechAccess {
  static Speech2TextGeneratorParams usual_params() { return {}; }
};

class Speech2Text::Impl {
 public:
  explicit Impl(std::unique_ptr<fake::GenaiLink> link) : link_(std::move(link)) {}

  fake::GenaiLink& link() { return *link_; }

  Expected<std::vector<SegmentInfo>> transcribe(const MemoryView& audio,
                                                const Speech2TextGeneratorParams& params) {
    const std::lock_guard lock(link_->session());
    std::optional<sim::WrongValue> wrong;
    const hailo_status entered = link_->enter(FaultOp::kInfer, &wrong);
    if (entered != HAILO_SUCCESS) return make_unexpected(entered);
    if (audio.empty() || !is_language(params.language(), link_->machine().settings)) {
      return make_unexpected(HAILO_INVALID_ARGUMENT);
    }
    const auto& model = link_->hef().model;
    const double window = std::chrono::duration<double>(model.window).count();
    const std::size_t samples = audio.size() / sizeof(float);
    const double length = static_cast<double>(samples) / kSampleRate;
    const auto windows = static_cast<std::size_t>(std::ceil(length / window));
    std::vector<SegmentInfo> segments;
    for (std::size_t i = 0; i < windows; ++i) {
      SegmentInfo segment{
          static_cast<float32_t>(static_cast<double>(i) * window),
          static_cast<float32_t>(std::min(length, static_cast<double>(i + 1) * window)),
          wrong ? std::string() : what_to_hear(i, windows, params)};
      const hailo_status heard = listen(sim::split_tokens(segment.text).size());
      if (heard != HAILO_SUCCESS) return make_unexpected(heard);
      segments.push_back(std::move(segment));
    }
    return segments;
  }

 private:
  hailo_status listen(std::size_t words) {
    const auto& model = link_->hef().model;
    hailo_status status = link_->compute(model.first_token);
    for (std::size_t i = 0; i < words && status == HAILO_SUCCESS; ++i) {
      status = link_->compute(model.token);
    }
    return status;
  }

  std::string what_to_hear(std::size_t window, std::size_t windows,
                           const Speech2TextGeneratorParams& params) const {
    const auto& script = link_->hef().model.script;
    if (!script.empty()) return script[window % script.size()];
    return fmt::format("{} {} part {} of {}",
                       params.language().empty() ? "auto" : params.language(),
                       params.task() == Speech2TextTask::TRANSLATE ? "translate" : "transcribe",
                       window + 1, windows);
  }

  std::unique_ptr<fake::GenaiLink> link_;
};

Speech2Text::Speech2Text(std::unique_ptr<Impl> pimpl) : m_pimpl(std::move(pimpl)) {}
Speech2Text::Speech2Text(Speech2Text&&) = default;
Speech2Text::~Speech2Text() = default;

Expected<Speech2Text> Speech2Text::create(std::shared_ptr<VDevice> vdevice,
                                          const Speech2TextParams& speech2text_params) {
  if (speech2text_params.hef().empty()) return make_unexpected(HAILO_INVALID_OPERATION);
  auto hef = fake::read_hef(std::string(speech2text_params.hef()));
  if (!hef) return make_unexpected(hef.status());
  if (hef.value()->kind != fake::HefFile::Kind::kSpeech) {
    fake::log_error("not a model of speech recognition");
    return make_unexpected(HAILO_NOT_FOUND);
  }
  auto link = fake::GenaiLink::create(*vdevice, hef.release(), false);
  if (!link) return make_unexpected(link.status());
  return Speech2Text(std::make_unique<Impl>(link.release()));
}

Expected<Speech2TextGeneratorParams> Speech2Text::create_generator_params() {
  if (m_pimpl->link().lost()) return make_unexpected(HAILO_COMMUNICATION_CLOSED);
  return SpeechAccess::usual_params();
}

Expected<std::vector<Speech2Text::SegmentInfo>> Speech2Text::generate_all_segments(
    MemoryView audio_buffer, const Speech2TextGeneratorParams& generator_params,
    std::chrono::milliseconds timeout) {
  if (!(generator_params.repetition_penalty() > 0)) return make_unexpected(HAILO_INVALID_ARGUMENT);
  const auto begin = std::chrono::steady_clock::now();
  auto segments = m_pimpl->transcribe(audio_buffer, generator_params);
  // Since 5.3 the answer is that it took too long; but it comes when it is done.
  if (m_pimpl->link().machine().settings.at_least(3) &&
      std::chrono::steady_clock::now() - begin > timeout) {
    return make_unexpected(HAILO_TIMEOUT);
  }
  return segments;
}

Expected<std::vector<int>> Speech2Text::tokenize(const std::string& text) {
  if (m_pimpl->link().lost()) return make_unexpected(HAILO_COMMUNICATION_CLOSED);
  return fake::tokens_of(text);
}

}  // namespace hailort::genai
