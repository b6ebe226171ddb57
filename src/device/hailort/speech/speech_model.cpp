#include "device/hailort/speech/speech_model.hpp"

#include <algorithm>
#include <utility>

namespace npu::device::hailort {
namespace {

double seconds(std::size_t samples) {
  return static_cast<double>(samples) / static_cast<double>(kSpeechRate);
}

bool says_something(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") != std::string_view::npos;
}

class HailoSpeechModel final : public SpeechModel {
 public:
  HailoSpeechModel(std::unique_ptr<SpeechSession> session, const SplitRule& rule)
      : session_(std::move(session)), rule_(rule) {}

  Status transcribe(std::span<const float> audio, std::string_view language, SpeechTask task,
                    const OnSegment& on_segment, RunContext& context) override {
    for (const auto& piece : split_audio(audio, rule_)) {
      if (context.cancelled()) return fail(ErrorCode::kCancelled, "cancelled");
      const auto samples = audio.subspan(piece.begin, piece.end - piece.begin);
      auto segments = session_->transcribe(samples, language, task);
      if (!segments) return fail(segments.error());
      const double begin = seconds(piece.begin);
      const double length = seconds(samples.size());
      for (auto& segment : *segments) {
        if (!says_something(segment.text)) continue;
        const double start = std::clamp(segment.start, 0.0, length);
        const double end = std::clamp(segment.end, start, length);
        on_segment({begin + start, begin + end, std::move(segment.text)});
      }
      context.progressed();
    }
    return {};
  }

 private:
  std::unique_ptr<SpeechSession> session_;
  const SplitRule rule_;
};

}  // namespace

std::unique_ptr<SpeechModel> make_speech_model(std::unique_ptr<SpeechSession> session,
                                               const SplitRule& rule) {
  return std::make_unique<HailoSpeechModel>(std::move(session), rule);
}

}  // namespace npu::device::hailort
