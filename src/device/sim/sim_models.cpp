#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "device/sim/chip.hpp"
#include "device/sim/fill.hpp"
#include "device/sim/script.hpp"

namespace npu::device::sim {
namespace {

constexpr double kSampleRate = 16000;

TensorSpec with_batch(TensorSpec spec, int batch) {
  if (batch > 1) spec.shape.insert(spec.shape.begin(), batch);
  return spec;
}

// A run that had arrived before the last one ended begins within this time.
constexpr Duration kHandOver = std::chrono::milliseconds(5);

class SimTensorModel final : public TensorModel {
 public:
  SimTensorModel(std::unique_ptr<Residency> residency, const ModelProfile& profile, int batch)
      : residency_(std::move(residency)), profile_(profile), time_(run_time(profile, batch)) {
    for (const auto& input : profile.inputs) inputs_.push_back(with_batch(input, batch));
    for (const auto& output : profile.outputs) outputs_.push_back(with_batch(output.spec, batch));
  }

  const std::vector<TensorSpec>& inputs() const override { return inputs_; }
  const std::vector<TensorSpec>& outputs() const override { return outputs_; }

  Status run(std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs,
             RunContext& context) override {
    Chip& chip = residency_->chip();
    std::optional<WrongValue> wrong;
    if (auto ok = chip.enter(FaultOp::kInfer, residency_->stem(), &context, &wrong); !ok) return ok;
    const SteadyTime now = chip.clock->now();
    const Duration rest = now < chip.follows_until ? Duration{} : chip.state->slot_rest(now);
    const SteadyTime done = now + rest + time_;
    const std::uint64_t sum = checksum(residency_->stem(), inputs);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (wrong) {
        spoil(*wrong, outputs[i]);
      } else {
        fill(profile_.outputs[i].fill, sum, i, outputs[i]);
      }
    }
    if (done > now && !context.wait_until(done)) return cancelled();
    if (context.another_waits()) chip.follows_until = done + kHandOver;
    return {};
  }

 private:
  std::unique_ptr<Residency> residency_;
  ModelProfile profile_;
  Duration time_;
  std::vector<TensorSpec> inputs_;
  std::vector<TensorSpec> outputs_;
};

class SimTextModel final : public TextModel {
 public:
  SimTextModel(std::unique_ptr<Residency> residency, const ModelProfile& profile)
      : residency_(std::move(residency)), profile_(profile) {}

  const std::optional<TensorSpec>& frame() const override { return profile_.frame; }
  std::string_view chat_template() const override { return {}; }
  int context_length() const override { return profile_.context_length; }

  Result<int> count_tokens(std::string_view text) override { return sim::count_tokens(text); }

  Result<Generation> generate(const TextRequest& request, const OnText& on_text,
                              RunContext& context) override {
    Chip& chip = residency_->chip();
    std::optional<WrongValue> wrong;
    if (auto ok = chip.enter(FaultOp::kInfer, residency_->stem(), &context, &wrong); !ok) {
      return fail(ok.error());
    }
    Generation result{.prompt_tokens = sim::count_tokens(request.prompt)};
    if (result.prompt_tokens > profile_.context_length) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("the prompt has {} tokens, the model's context holds {}",
                              result.prompt_tokens, profile_.context_length));
    }
    const std::string text = wrong ? std::string() : what_to_say(request);
    const auto tokens = split_tokens(text);
    const int limit = std::min(request.sampling.max_tokens.value_or(kDefaultMaxTokens),
                               profile_.context_length - result.prompt_tokens);
    const int count = std::min(static_cast<int>(tokens.size()), limit);

    SteadyTime at = chip.clock->now();
    SteadyTime next = at + profile_.first_token;
    chip.state->generating(at, profile_.token, next + profile_.token * std::max(0, count - 1));
    for (int i = 0; i < count; ++i) {
      if (context.cancelled() || !context.wait_until(next)) {
        result.stop = StopReason::kCancelled;
        break;
      }
      ++result.tokens;
      context.progressed();
      if (!on_text(tokens[static_cast<std::size_t>(i)])) {
        chip.state->generating({}, {}, {});
        return result;
      }
      next += profile_.token;
    }
    chip.state->generating({}, {}, {});
    if (result.stop == StopReason::kCancelled) return result;
    result.stop =
        count < static_cast<int>(tokens.size()) ? StopReason::kMaxTokens : StopReason::kEndOfText;
    if (!profile_.end_text.empty()) on_text(profile_.end_text);
    return result;
  }

 private:
  std::string what_to_say(const TextRequest& request) const {
    if (profile_.script.empty()) return last_user_text(request.prompt);
    std::uint64_t sum = fnv1a(std::as_bytes(std::span(request.prompt)),
                              checksum(residency_->stem(), request.frames));
    sum += request.sampling.seed.value_or(0);
    return profile_.script[sum % profile_.script.size()];
  }

  std::unique_ptr<Residency> residency_;
  ModelProfile profile_;
};

class SimSpeechModel final : public SpeechModel {
 public:
  SimSpeechModel(std::unique_ptr<Residency> residency, const ModelProfile& profile)
      : residency_(std::move(residency)), profile_(profile) {}

  Status transcribe(std::span<const float> audio, std::string_view language, SpeechTask task,
                    const OnSegment& on_segment, RunContext& context) override {
    Chip& chip = residency_->chip();
    std::optional<WrongValue> wrong;
    if (auto ok = chip.enter(FaultOp::kInfer, residency_->stem(), &context, &wrong); !ok) return ok;
    const double window = std::chrono::duration<double>(profile_.window).count();
    const double length = static_cast<double>(audio.size()) / kSampleRate;
    const auto windows = static_cast<std::size_t>(std::ceil(length / window));
    SteadyTime next = chip.clock->now();
    for (std::size_t i = 0; i < windows; ++i) {
      Segment segment{.start = static_cast<double>(i) * window,
                      .end = std::min(length, static_cast<double>(i + 1) * window)};
      if (!wrong) segment.text = what_to_hear(i, windows, language, task);
      next += profile_.first_token +
              profile_.token * static_cast<int>(split_tokens(segment.text).size());
      next += chip.state->slot_rest(chip.clock->now());
      if (context.cancelled() || !context.wait_until(next)) return cancelled();
      on_segment(segment);
      context.progressed();
    }
    return {};
  }

 private:
  std::string what_to_hear(std::size_t window, std::size_t windows, std::string_view language,
                           SpeechTask task) const {
    if (!profile_.script.empty()) return profile_.script[window % profile_.script.size()];
    return fmt::format("{} {} part {} of {}", language.empty() ? "auto" : language,
                       task == SpeechTask::kTranslate ? "translate" : "transcribe", window + 1,
                       windows);
  }

  std::unique_ptr<Residency> residency_;
  ModelProfile profile_;
};

}  // namespace

std::unique_ptr<TensorModel> make_tensor_model(std::unique_ptr<Residency> residency,
                                               const ModelProfile& profile, int batch) {
  return std::make_unique<SimTensorModel>(std::move(residency), profile, std::max(1, batch));
}

std::unique_ptr<TextModel> make_text_model(std::unique_ptr<Residency> residency,
                                           const ModelProfile& profile) {
  return std::make_unique<SimTextModel>(std::move(residency), profile);
}

std::unique_ptr<SpeechModel> make_speech_model(std::unique_ptr<Residency> residency,
                                               const ModelProfile& profile) {
  return std::make_unique<SimSpeechModel>(std::move(residency), profile);
}

}  // namespace npu::device::sim
