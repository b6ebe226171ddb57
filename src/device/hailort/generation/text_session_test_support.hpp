// A TextSession for tests that says what it was told to and counts tokens as the chip does: words,
// and for each picture kPicture. Waiting moves the clock.
#pragma once

#include <algorithm>
#include <deque>
#include <sstream>

#include "base/clock.hpp"
#include "device/hailort/generation/text_session.hpp"

namespace npu::device::hailort {

class ScriptedSession final : public TextSession {
 public:
  static constexpr int kPicture = 9;
  static constexpr const char* kEnd = "<end>";

  // What reads give. nullopt: nothing in time; an Error breaks the generation.
  using Step = Result<std::optional<std::string>>;
  static Step piece(std::string text) { return std::optional<std::string>(std::move(text)); }
  static Step nothing() { return std::nullopt; }

  struct State {
    TextFacts facts{
        .context_length = 100, .recovery = kEnd, .recovery_tokens = 1, .stop_texts = {kEnd}};
    std::deque<Step> script;  // when it is empty before a piece has ended it: nothing, for ever
    int ready = 0;            // so many of them are there already
    Progress end = Progress::kEndOfText;  // after the script
    bool answers = true;
    bool in_step = false;
    std::optional<Error> fails;  // every call but read and start
    std::optional<Error> start_fails;

    std::vector<std::string> calls;
    std::string prompt;
    GeneratorSettings settings;
    std::string loaded;
    int cached = 0;
    int waiting = 0;  // tokens at the end that are not in the cache
    FakeClock clock;

    void say(const std::vector<std::string>& pieces) {
      for (const auto& text : pieces) script.push_back(piece(text));
    }
    int count(std::string_view call) const {
      return static_cast<int>(std::ranges::count(calls, call));
    }
  };

  // state outlives the session.
  explicit ScriptedSession(State& state) : state_(state) {}

  const TextFacts& facts() const override { return state_.facts; }

  Status start(const GeneratorSettings& settings, const std::string& prompt,
               std::span<const TensorView> frames) override {
    state_.calls.emplace_back("start");
    state_.settings = settings;
    state_.prompt = prompt;
    if (state_.start_fails) return fail(*state_.start_fails);
    if (state_.facts.keeps_tail) state_.cached += state_.waiting;
    state_.waiting = 0;
    state_.cached += words(prompt) + static_cast<int>(frames.size()) * (kPicture - 1);
    progress_ = Progress::kGenerating;
    said_ = 0;
    return {};
  }

  Result<std::optional<std::string>> read(Millis timeout) override {
    if (progress_ != Progress::kGenerating) return fail(ErrorCode::kInternal, "read after the end");
    const bool wait = timeout > Millis::zero();
    state_.calls.emplace_back(wait ? "read" : "peek");
    if (state_.script.empty() || (!wait && state_.ready == 0)) {
      state_.clock.advance(timeout);
      return nothing();
    }
    state_.ready = std::max(0, state_.ready - 1);
    Step step = state_.script.front();
    state_.script.pop_front();
    if (!step) return step;
    if (!*step) {
      state_.clock.advance(timeout);
      return step;
    }
    if (++said_ > 1) ++state_.cached;
    state_.waiting = 1;
    if (state_.script.empty()) end();
    return step;
  }

  Progress progress() const override { return progress_; }

  // One more token, then the recovery.
  Status abort() override {
    if (progress_ != Progress::kGenerating) return {};
    state_.calls.emplace_back("abort");
    if (state_.fails) return fail(*state_.fails);
    while (!state_.script.empty() && (!state_.script.front() || !*state_.script.front())) {
      state_.script.pop_front();
    }
    if (!state_.script.empty()) state_.script.resize(1);
    state_.script.push_back(piece(kEnd));
    state_.end = Progress::kAborted;
    return {};
  }

  void finish() override {
    state_.calls.emplace_back("finish");
    progress_ = Progress::kEndOfText;
    state_.script.clear();
  }

  Result<int> count_tokens(const std::string& text) override {
    if (state_.fails) return fail(*state_.fails);
    return words(text);
  }
  Result<int> context_use() override {
    if (state_.fails) return fail(*state_.fails);
    return state_.cached + state_.waiting;
  }
  Status clear_context() override {
    state_.calls.emplace_back("clear");
    if (state_.fails) return fail(*state_.fails);
    state_.cached = state_.waiting = 0;
    return {};
  }
  Result<std::vector<std::byte>> save_context() override {
    const auto bytes = std::as_bytes(std::span(state_.prompt));
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  }
  Status load_context(std::span<const std::byte> context) override {
    if (state_.fails) return fail(*state_.fails);
    state_.loaded.assign(reinterpret_cast<const char*>(context.data()), context.size());
    if (state_.loaded.starts_with("bad")) return fail(ErrorCode::kInvalidArgument, "bad");
    return {};
  }
  bool device_answers() override { return state_.answers; }
  Result<bool> answers_within(Duration time) override {
    state_.calls.emplace_back("ask");
    if (state_.fails) return fail(*state_.fails);
    if (state_.in_step) state_.clock.advance(time);
    return !state_.in_step;
  }
  void give_up(std::string_view) override { state_.calls.emplace_back("give up"); }

 private:
  static int words(const std::string& text) {
    std::istringstream in(text);
    std::string word;
    int count = 0;
    while (in >> word) ++count;
    return count;
  }
  void end() {
    progress_ = state_.end;
    if (state_.end == Progress::kAborted || state_.end == Progress::kMaxTokens) ++state_.waiting;
  }

  State& state_;
  Progress progress_ = Progress::kEndOfText;
  int said_ = 0;
};

}  // namespace npu::device::hailort
