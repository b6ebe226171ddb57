#include "device/hailort/generation/text_answer.hpp"

#include <algorithm>
#include <deque>
#include <numeric>

#include <fmt/format.h>

#include "text/end_filter.hpp"

namespace npu::device::hailort {
namespace {

std::vector<std::string> end_markers(const TextFacts& facts) {
  std::vector<std::string> markers = facts.stop_texts;
  markers.push_back(facts.recovery);
  return markers;
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

class AnswerReader {
 public:
  AnswerReader(TextSession& session, int longest, const OnText& on_text, RunContext& context,
               const Clock& clock, const Patience& patience)
      : session_(session),
        longest_(longest),
        on_text_(on_text),
        context_(context),
        clock_(clock),
        patience_(patience),
        filter_(end_markers(session.facts())),
        last_heard_(clock.now()) {}

  Result<Answer> read() {
    while (is_generating()) {
      if (!stop_ && context_.cancelled()) {
        if (auto ok = abort(StopReason::kCancelled); !ok) return fail(ok.error());
        continue;
      }
      auto piece = session_.read(patience_.read);
      if (!piece) return fail(piece.error());
      auto ok = *piece ? take(std::move(**piece)) : nothing_came();
      if (!ok) return fail(ok.error());
    }
    if (!stop_) tell(filter_.finish());
    if (not_taken_for_ > Duration{}) {
      return fail(ErrorCode::kDeadlineExceeded,
                  fmt::format("nobody took the answer for {:.0f} s", seconds(not_taken_for_)));
    }
    return answer();
  }

 private:
  Status take(std::string piece) {
    const std::string text = stop_ ? std::string() : filter_.push(piece);
    note(std::move(piece));
    const bool more = tell(text);
    const Duration took = clock_.now() - last_heard_;
    last_heard_ += took;
    if (longest_ > patience_.queue && took >= patience_.listener && is_generating()) {
      not_taken_for_ = took;
    }
    if (stop_ || (more && not_taken_for_ == Duration{})) return {};
    return abort(StopReason::kEndOfText);
  }

  void note(std::string piece) {
    last_heard_ = clock_.now();
    idle_ = false;
    ++delivered_;
    said_ += piece;
    context_.progressed();
    last_pieces_.push_back(std::move(piece));
    const auto kept = static_cast<std::size_t>(session_.facts().recovery_tokens) + 1;
    if (last_pieces_.size() > kept) last_pieces_.pop_front();
  }

  Status nothing_came() {
    const Duration silence = clock_.now() - last_heard_;
    const Duration limit = delivered_ == 0 ? patience_.prefill : patience_.step;
    if (silence >= limit) {
      return fail(ErrorCode::kDeviceLost,
                  fmt::format("no token came from the device for {:.0f} s", seconds(silence)));
    }
    if (!session_.device_answers()) {
      return fail(ErrorCode::kDeviceLost, "the device went away during a generation");
    }
    // HailoRT says that its thread has ended with an error only where everything had been read
    // before; else there is just nothing more. That shows when the device is idle, and still says
    // nothing.
    if (delivered_ == 0) return {};
    if (idle_) return fail(ErrorCode::kInternal, "the device broke off the generation");
    const auto answered = session_.answers_within(limit - silence);
    if (!answered) return fail(answered.error());
    idle_ = *answered;
    return {};
  }

  // Nothing is passed on from here. The queue is emptied first: where it is full, HailoRT's thread
  // waits for room in it, and the abort for that thread.
  Status abort(StopReason reason) {
    stop_ = reason;
    while (is_generating()) {
      auto piece = session_.read(Millis::zero());
      if (!piece) return fail(piece.error());
      if (!*piece) return session_.abort();
      note(std::move(**piece));
    }
    return {};
  }

  bool is_generating() const { return session_.progress() == Progress::kGenerating; }

  bool tell(const std::string& text) {
    told_ += text.size();
    return text.empty() || on_text_(text);
  }

  Answer answer() const {
    const Progress end = session_.progress();
    const bool cut = end == Progress::kMaxTokens || end == Progress::kAborted;
    const int recovery = cut ? recovery_pieces() : 0;
    Answer answer;
    answer.stop = stop_.value_or(end == Progress::kMaxTokens ? StopReason::kMaxTokens
                                                             : StopReason::kEndOfText);
    answer.delivered = delivered_;
    answer.tokens = std::max(0, delivered_ - recovery);
    answer.untold = said_.substr(told_);
    const auto in_tail = std::min<std::ptrdiff_t>(recovery + 1, std::ssize(last_pieces_));
    answer.tail = std::accumulate(last_pieces_.end() - in_tail, last_pieces_.end(), std::string());
    return answer;
  }

  // How many of the last pieces are the recovery sequence.
  int recovery_pieces() const {
    const auto& facts = session_.facts();
    if (facts.recovery.empty()) return 0;
    std::string last;
    for (auto piece = last_pieces_.rbegin(); piece != last_pieces_.rend(); ++piece) {
      last.insert(0, *piece);
      if (last == facts.recovery) return static_cast<int>(piece - last_pieces_.rbegin()) + 1;
    }
    return facts.recovery_tokens;
  }

  TextSession& session_;
  const int longest_;
  const OnText& on_text_;
  RunContext& context_;
  const Clock& clock_;
  const Patience& patience_;
  text::EndFilter filter_;
  SteadyTime last_heard_;
  bool idle_ = false;  // the device, since the last token
  int delivered_ = 0;
  std::string said_;                // by the device
  std::size_t told_ = 0;            // bytes of it
  std::optional<StopReason> stop_;  // ours, before the device's
  Duration not_taken_for_{};        // too long for what is queued meanwhile
  std::deque<std::string> last_pieces_;
};

}  // namespace

Result<Answer> read_answer(TextSession& session, int longest, const OnText& on_text,
                           RunContext& context, const Clock& clock, const Patience& patience) {
  return AnswerReader(session, longest, on_text, context, clock, patience).read();
}

}  // namespace npu::device::hailort
