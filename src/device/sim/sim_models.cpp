#include "device/sim/sim_models.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/log.hpp"
#include "device/sim/fill.hpp"
#include "device/sim/script.hpp"
#include "device/sim/sim_chip.hpp"

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
  SimTensorModel(std::unique_ptr<SimResidency> residency, const ModelProfile& profile, int batch)
      : residency_(std::move(residency)), profile_(profile), time_(run_time(profile, batch)) {
    for (const auto& input : profile.inputs) inputs_.push_back(with_batch(input, batch));
    for (const auto& output : profile.outputs) outputs_.push_back(with_batch(output.spec, batch));
  }

  const std::vector<TensorSpec>& inputs() const override { return inputs_; }
  const std::vector<TensorSpec>& outputs() const override { return outputs_; }

  Status run(std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs,
             RunContext& context) override {
    SimChip& chip = residency_->chip();
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
  std::unique_ptr<SimResidency> residency_;
  ModelProfile profile_;
  Duration time_;
  std::vector<TensorSpec> inputs_;
  std::vector<TensorSpec> outputs_;
};

class SimTextModel final : public TextModel {
 public:
  SimTextModel(std::unique_ptr<SimResidency> residency, const ModelProfile& profile)
      : residency_(std::move(residency)), profile_(profile) {}

  const std::optional<TensorSpec>& frame() const override { return profile_.frame; }
  std::string_view chat_template() const override { return {}; }
  int context_length() const override { return profile_.context_length; }

  // Nothing is sampled: all of it has the same effect, none.
  SamplingSupport sampling_support() const override {
    return {.min_p = true, .presence_penalty = true, .frequency_penalty = true};
  }

  Result<int> count_tokens(std::string_view text) override { return sim::count_tokens(text); }

  Result<Generation> generate(const TextRequest& request, const OnText& on_text,
                              RunContext& context) override {
    SimChip& chip = residency_->chip();
    std::optional<WrongValue> wrong;
    if (auto ok = chip.enter(FaultOp::kInfer, residency_->stem(), &context, &wrong); !ok) {
      return fail(ok.error());
    }
    const Held before = request.resume ? std::exchange(held_, {}) : Held{};
    held_ = {};
    Generation result{.prompt_tokens = sim::count_tokens(request.prompt)};
    const int all = before.tokens + result.prompt_tokens;
    if (all > profile_.context_length) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("the prompt has {} tokens, the model's context holds {}", all,
                              profile_.context_length));
    }
    const std::string whole = before.text + std::string(request.prompt);
    const std::string text = wrong ? std::string() : what_to_say(whole, request);
    const auto tokens = split_tokens(text);
    const int limit = std::min(request.sampling.max_tokens.value_or(kDefaultMaxTokens),
                               profile_.context_length - all);
    const int count = std::min(static_cast<int>(tokens.size()), limit);

    SteadyTime at = chip.clock->now();
    // Most of it goes into reading the prompt.
    SteadyTime next = at + std::max(std::min(profile_.token, profile_.first_token),
                                    profile_.first_token * result.prompt_tokens / all);
    chip.state->generating(at, profile_.token, next + profile_.token * std::max(0, count - 1));
    std::string said;
    const auto tell = [&](std::string_view piece) {
      said += piece;
      return on_text(piece);
    };
    bool more = true;
    for (int i = 0; i < count && more; ++i) {
      if (context.cancelled() || !context.wait_until(next)) {
        result.stop = StopReason::kCancelled;
        break;
      }
      ++result.tokens;
      context.progressed();
      more = tell(tokens[static_cast<std::size_t>(i)]);
      next += profile_.token;
    }
    chip.state->generating({}, {}, {});
    if (result.stop == StopReason::kCancelled) {
      log::debug("{} was cancelled after {} tokens", residency_->stem(), result.tokens);
    } else if (more) {
      if (count < static_cast<int>(tokens.size())) result.stop = StopReason::kMaxTokens;
      if (!profile_.end_text.empty()) tell(profile_.end_text);
    }
    if (request.keep) held_ = {whole + said, all + result.tokens};
    return result;
  }

  Result<std::vector<std::byte>> save_context() override {
    const std::string saved = saved_head() + fmt::format("{}\n", held_.tokens) + held_.text;
    const auto bytes = std::as_bytes(std::span(saved));
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  }

  Status load_context(std::span<const std::byte> context) override {
    std::string_view saved(reinterpret_cast<const char*>(context.data()), context.size());
    held_ = {};
    const std::string head = saved_head();
    const auto line = saved.find('\n', std::min(head.size(), saved.size()));
    if (!saved.starts_with(head) || line == std::string_view::npos) {
      return fail(ErrorCode::kInvalidArgument, "these bytes are not a context of this model");
    }
    held_.text = saved.substr(line + 1);
    std::from_chars(saved.data() + head.size(), saved.data() + line, held_.tokens);
    return {};
  }

 private:
  // The context, as it is kept.
  struct Held {
    std::string text;
    int tokens = 0;
  };

  std::string saved_head() const { return fmt::format("sim context of {}\n", residency_->stem()); }

  std::string what_to_say(const std::string& whole, const TextRequest& request) const {
    if (profile_.script.empty()) return last_user_text(whole);
    std::uint64_t sum =
        fnv1a(std::as_bytes(std::span(whole)), checksum(residency_->stem(), request.frames));
    sum += request.sampling.seed.value_or(0);
    return profile_.script[sum % profile_.script.size()];
  }

  Held held_;
  std::unique_ptr<SimResidency> residency_;
  ModelProfile profile_;
};

class SimSpeechModel final : public SpeechModel {
 public:
  SimSpeechModel(std::unique_ptr<SimResidency> residency, const ModelProfile& profile)
      : residency_(std::move(residency)), profile_(profile) {}

  Status transcribe(std::span<const float> audio, std::string_view language, SpeechTask task,
                    const OnSegment& on_segment, RunContext& context) override {
    SimChip& chip = residency_->chip();
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

  std::unique_ptr<SimResidency> residency_;
  ModelProfile profile_;
};

}  // namespace

std::unique_ptr<TensorModel> make_tensor_model(std::unique_ptr<SimResidency> residency,
                                               const ModelProfile& profile, int batch) {
  return std::make_unique<SimTensorModel>(std::move(residency), profile, std::max(1, batch));
}

std::unique_ptr<TextModel> make_text_model(std::unique_ptr<SimResidency> residency,
                                           const ModelProfile& profile) {
  return std::make_unique<SimTextModel>(std::move(residency), profile);
}

std::unique_ptr<SpeechModel> make_speech_model(std::unique_ptr<SimResidency> residency,
                                               const ModelProfile& profile) {
  return std::make_unique<SimSpeechModel>(std::move(residency), profile);
}

}  // namespace npu::device::sim
