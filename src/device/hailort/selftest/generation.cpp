// Tokens and pictures at the same time, and how soon tokens stop.
#include <atomic>
#include <functional>
#include <thread>

#include <fmt/format.h>

#include "device/hailort/selftest/checks.hpp"
#include "device/hailort/selftest/genai_bench.hpp"
#include "device/hailort/selftest/vision_bench.hpp"

namespace npu::device::hailort::selftest {
namespace json = boost::json;
namespace {

constexpr int kPriorities[] = {12, 16, 20};
constexpr int kAnswerTokens = 200;
constexpr double kTokenLimitMs = 60'000;
constexpr int kEnoughTokens = 3;  // for pictures to have been beside tokens
constexpr const char* kLongPrompt = "Count from one to one hundred.";

// Generates over and over until it is destroyed.
class Generating {
 public:
  explicit Generating(genai::LLM& model)
      : thread_([this, &model] {
          while (!stop_) {
            auto speaking = speak(model, kLongPrompt, kAnswerTokens);
            if (!speaking) {
              failed_ = HAILO_INTERNAL_FAILURE;
              return;
            }
            const auto spoken = listen(std::move(*speaking), [this](int) {
              ++pieces_;
              return !stop_;
            });
            if (spoken.status != HAILO_SUCCESS) {
              failed_ = spoken.status;
              return;
            }
          }
        }) {
    while (pieces_ == 0 && failed_ == HAILO_SUCCESS && waited_.ms() < kTokenLimitMs) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  ~Generating() {
    stop_ = true;
    thread_.join();
  }
  Generating(const Generating&) = delete;
  Generating& operator=(const Generating&) = delete;

  int pieces() const { return pieces_; }
  // Of what ended it, if something did.
  hailo_status failed() const { return failed_; }

 private:
  Stopwatch waited_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> pieces_ = 0;
  std::atomic<hailo_status> failed_ = HAILO_SUCCESS;
  std::thread thread_;
};

// At least so many, and more until `enough`.
Result<json::object> pictures(VisionModel& model, int frames, const std::function<bool()>& enough) {
  std::vector<double> times;
  for (int i = 0; i < frames || !enough(); ++i) {
    const Stopwatch one;
    if (const auto status = model.run(); status != HAILO_SUCCESS) {
      return fail(to_error(status, Operation::kRun, "a picture"));
    }
    times.push_back(one.ms());
  }
  return spread(std::move(times));
}

double p99_of(const json::object& readings) { return readings.at("p99_ms").to_number<double>(); }

struct Abort {
  hailo_status status = HAILO_SUCCESS;
  double call_ms = 0;  // until abort() returned
  double end_ms = 0;   // until the answer had ended
};

// after: pieces to read before.
Result<Abort> abort_one(genai::LLM& model, const std::string& prompt, int after) {
  auto speaking = speak(model, prompt, kAnswerTokens);
  if (!speaking) return fail(speaking.error());
  auto& completion = *speaking->completion;
  for (int i = 0; i < after; ++i) {
    if (const auto piece = completion.read(std::chrono::seconds(60)); !piece.has_value()) {
      return fail(to_error(piece.status(), Operation::kRun, "reading a token"));
    }
  }
  Abort out;
  const Stopwatch watch;
  out.status = completion.abort();
  out.call_ms = watch.ms();
  listen(std::move(*speaking));
  out.end_ms = watch.ms();
  return out;
}

Result<json::object> aborts(genai::LLM& model, const std::string& prompt, int after, int times) {
  std::vector<double> calls;
  std::vector<double> ends;
  json::array statuses;
  hailo_status failed = HAILO_SUCCESS;
  for (int i = 0; i < times; ++i) {
    const auto one = abort_one(model, prompt, after);
    if (!one) return fail(one.error());
    calls.push_back(one->call_ms);
    ends.push_back(one->end_ms);
    statuses.push_back(static_cast<int>(one->status));
    if (one->status != HAILO_SUCCESS) failed = one->status;
  }
  if (failed != HAILO_SUCCESS) return refused(failed, Operation::kRun, "abort");
  return json::object{{"abort", spread(std::move(calls))},
                      {"until_ended", spread(std::move(ends))},
                      {"statuses", std::move(statuses)}};
}

double median_of(const json::object& readings) {
  return readings.at("abort").at("p50_ms").to_number<double>();
}

}  // namespace

Answer vision_beside_tokens(const Bench& bench) {
  auto vision_group = bench.connect();
  if (!vision_group) return fail(vision_group.error());
  auto text_group = bench.connect();
  if (!text_group) return fail(text_group.error());
  auto vision = VisionModel::load(**vision_group, bench.file("hef"));
  if (!vision) return fail(vision.error());
  auto text = must_load_text(*text_group, bench.file("llm"));
  if (!text) return fail(text.error());

  const int frames = bench.repeat(300, 20);
  json::object out;
  std::string answer = "99th percentile of a picture, alone and beside tokens:";
  if (const auto ran = vision->run(); ran != HAILO_SUCCESS) {
    return refused(ran, Operation::kRun, "a picture");
  }
  for (const int priority : kPriorities) {
    json::object readings{{"set_priority", status_json(vision->set_priority(priority))}};
    auto alone = pictures(*vision, frames, [] { return true; });
    if (!alone) return fail(alone.error());
    const Generating generating(**text);
    const int before = generating.pieces();
    const Stopwatch watch;
    auto beside = pictures(*vision, frames, [&] {
      return generating.pieces() - before >= kEnoughTokens ||
             generating.failed() != HAILO_SUCCESS || watch.ms() > kTokenLimitMs;
    });
    if (!beside) return fail(beside.error());
    const int tokens = generating.pieces() - before;
    if (tokens < kEnoughTokens) {
      return fail(
          ErrorCode::kUnavailable,
          fmt::format("at priority {} {} tokens came beside the pictures{}", priority, tokens,
                      generating.failed() == HAILO_SUCCESS
                          ? ""
                          : ", then " + status_text(generating.failed())));
    }
    readings["tokens_per_second"] = tokens * 1000.0 / watch.ms();
    answer += fmt::format(" priority {}: {:.1f} ms, {:.1f} ms;", priority, p99_of(*alone),
                          p99_of(*beside));
    readings["alone"] = std::move(*alone);
    readings["beside_tokens"] = std::move(*beside);
    bench.note(out, fmt::format("priority_{}", priority), std::move(readings));
  }
  answer.pop_back();
  out["result"] = answer;
  return out;
}

Answer abort_latency(const Bench& bench) {
  auto group = bench.connect();
  if (!group) return fail(group.error());
  auto model = must_load_text(*group, bench.file("llm"));
  if (!model) return fail(model.error());
  const int times = bench.repeat(10, 2);
  auto reading = aborts(**model, long_prompt(1000), 0, times);
  if (!reading) return fail(reading.error());
  json::object out;
  bench.note(out, "while_the_prompt_is_read", *reading);
  auto speaking = aborts(**model, kLongPrompt, 5, times);
  if (!speaking) return fail(speaking.error());
  bench.note(out, "between_tokens", *speaking);
  out["result"] =
      fmt::format("abort takes {:.0f} ms while the prompt is read, {:.0f} ms between tokens",
                  median_of(*reading), median_of(*speaking));
  return out;
}

}  // namespace npu::device::hailort::selftest
