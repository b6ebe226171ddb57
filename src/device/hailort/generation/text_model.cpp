#include "device/hailort/generation/text_model.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "device/hailort/generation/text_budget.hpp"

namespace npu::device::hailort {
namespace {

// A saved context: what the device gave, the tail that it forgets, and the length of the tail.
using TailLength = std::uint32_t;

class HailoTextModel final : public TextModel {
 public:
  HailoTextModel(std::unique_ptr<TextSession> session, const Clock& clock, const Patience& patience)
      : session_(std::move(session)), clock_(clock), patience_(patience) {
    if (facts().frame) picture_tokens_ = tokens_of_picture(facts().frame->shape);
  }

  const std::optional<TensorSpec>& frame() const override { return facts().frame; }
  std::string_view chat_template() const override { return facts().chat_template; }
  int context_length() const override { return facts().context_length; }

  Result<int> count_tokens(std::string_view text) override {
    if (text.empty()) return 0;
    return session_->count_tokens(std::string(text));
  }

  Result<Generation> generate(const TextRequest& request, const OnText& on_text,
                              RunContext& context) override;
  Result<std::vector<std::byte>> save_context() override;
  Status load_context(std::span<const std::byte> context) override;

 private:
  const TextFacts& facts() const { return session_->facts(); }

  // Tokens of the request's prompt, pictures included.
  Result<int> count_prompt(const TextRequest& request);
  Status clear();
  // A whole generation, of which nothing is left on the device whatever happens.
  Result<Answer> answer_to(const TextRequest& request, const std::string& prompt,
                           const GeneratorSettings& settings, const OnText& on_text,
                           RunContext& context);
  tl::unexpected<Error> broken(Error error);
  void learn_picture_tokens(int counted, int measured, std::size_t pictures);

  std::unique_ptr<TextSession> session_;
  const Clock& clock_;
  const Patience patience_;
  int picture_tokens_ = 0;  // an estimate until a picture was seen
  std::string tail_;        // of the context, where the device forgets it
  bool lost_ = false;
};

Result<int> HailoTextModel::count_prompt(const TextRequest& request) {
  auto text = count_tokens(request.prompt);
  if (!text || request.frames.empty()) return text;
  auto placeholder = count_tokens(kPicturePlaceholder);
  if (!placeholder) return placeholder;
  return *text + static_cast<int>(request.frames.size()) * (picture_tokens_ - *placeholder);
}

Status HailoTextModel::clear() {
  tail_.clear();
  return session_->clear_context();
}

// After the device's thread for a generation has ended with an error the model is of no use before
// its context was cleared. The thread does not say whether its connection broke: any other call on
// it does.
tl::unexpected<Error> HailoTextModel::broken(Error error) {
  if (error.code == ErrorCode::kDeviceLost) {
    lost_ = true;
    session_->give_up(error.message);
    return fail(std::move(error));
  }
  const auto lost = [&](const Error& why) {
    lost_ = true;
    std::string both = fmt::format("{}; then {}", error.message, why.message);
    session_->give_up(both);
    return fail(ErrorCode::kDeviceLost, std::move(both));
  };
  if (const auto there = session_->context_use(); !there) return lost(there.error());
  if (const auto ok = session_->abort(); !ok) return lost(ok.error());
  session_->finish();
  if (const auto ok = clear(); !ok) return lost(ok.error());
  return fail(std::move(error));
}

void HailoTextModel::learn_picture_tokens(int counted, int measured, std::size_t pictures) {
  const int per_picture =
      picture_tokens_ + (measured - counted) / static_cast<int>(std::max<std::size_t>(1, pictures));
  if (per_picture >= 1) picture_tokens_ = per_picture;
}

Result<Answer> HailoTextModel::answer_to(const TextRequest& request, const std::string& prompt,
                                         const GeneratorSettings& settings, const OnText& on_text,
                                         RunContext& context) {
  try {
    if (auto ok = session_->start(settings, prompt, request.frames); !ok) {
      return broken(ok.error());
    }
    auto answer = read_answer(*session_, static_cast<int>(settings.max_tokens), on_text, context,
                              clock_, patience_);
    if (!answer) return broken(answer.error());
    session_->finish();
    return answer;
  } catch (...) {  // of whoever takes the text, or without memory
    (void)broken({ErrorCode::kInternal, "the answer was not read to its end"});
    throw;
  }
}

Result<Generation> HailoTextModel::generate(const TextRequest& request, const OnText& on_text,
                                            RunContext& context) {
  if (lost_) return fail(ErrorCode::kDeviceLost, "the device was lost");
  if (request.prompt.empty()) return fail(ErrorCode::kInvalidArgument, "the prompt is empty");
  if (auto ok = check_frames(request.frames, request.prompt, facts().frame, facts().max_frames);
      !ok) {
    return fail(ok.error());
  }
  auto settings = generator_settings(request.sampling, facts().defaults);
  if (!settings) return fail(settings.error());
  if (context.cancelled()) return Generation{.stop = StopReason::kCancelled};

  const auto counted = count_prompt(request);
  if (!counted) return fail(counted.error());
  const auto used = request.resume ? session_->context_use() : Result<int>(0);
  if (!used) return fail(used.error());
  const auto room =
      room_for_answer({.capacity = facts().context_length, .used = *used, .prompt = *counted},
                      static_cast<int>(settings->max_tokens));
  if (!room) return fail(room.error());
  settings->max_tokens = static_cast<std::uint32_t>(*room);

  if (!request.resume) {
    if (auto ok = clear(); !ok) return fail(ok.error());
  }
  const std::string prompt = std::exchange(tail_, {}).append(request.prompt);
  auto answer = answer_to(request, prompt, *settings, on_text, context);
  if (!answer) return fail(answer.error());
  if (!facts().keeps_tail) tail_ = std::move(answer->tail);

  Generation result{.stop = answer->stop,
                    .prompt_tokens = *counted,
                    .tokens = answer->tokens,
                    .untold = std::move(answer->untold)};
  if (!request.frames.empty()) {
    // What a picture cost is known for sure only now.
    const auto use = session_->context_use();
    if (!use) return fail(use.error());
    const int measured = *use - *used - answer->delivered;
    if (measured > 0) {
      learn_picture_tokens(*counted, measured, request.frames.size());
      result.prompt_tokens = measured;
    }
  }
  if (!request.keep) {
    if (auto ok = clear(); !ok) return fail(ok.error());
  }
  return result;
}

Result<std::vector<std::byte>> HailoTextModel::save_context() {
  auto saved = session_->save_context();
  if (!saved) return saved;
  const auto length = static_cast<TailLength>(tail_.size());
  const auto tail = std::as_bytes(std::span(tail_));
  const auto trailer = std::as_bytes(std::span(&length, 1));
  saved->insert(saved->end(), tail.begin(), tail.end());
  saved->insert(saved->end(), trailer.begin(), trailer.end());
  return saved;
}

Status HailoTextModel::load_context(std::span<const std::byte> context) {
  TailLength length = 0;
  const auto no_context = [] {
    return fail(ErrorCode::kInvalidArgument, "these bytes are not a saved context");
  };
  if (context.size() <= sizeof(length)) return no_context();
  const std::size_t rest = context.size() - sizeof(length);
  std::memcpy(&length, context.data() + rest, sizeof(length));
  if (length >= rest) return no_context();
  const auto tail = context.subspan(rest - length, length);

  if (auto ok = session_->load_context(context.first(rest - length)); !ok) {
    // It may have been taken in part.
    if (ok.error().code == ErrorCode::kDeviceLost) return ok;
    if (auto cleared = clear(); !cleared) return cleared;
    return ok;
  }
  tail_.assign(reinterpret_cast<const char*>(tail.data()), tail.size());
  return {};
}

}  // namespace

std::unique_ptr<TextModel> make_text_model(std::unique_ptr<TextSession> session, const Clock& clock,
                                           const Patience& patience) {
  return std::make_unique<HailoTextModel>(std::move(session), clock, patience);
}

}  // namespace npu::device::hailort
