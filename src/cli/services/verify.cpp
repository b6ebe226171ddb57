#include "cli/services/verify.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/utf8.hpp"
#include "json/fields.hpp"
#include "json/parse.hpp"

namespace npu::cli {
namespace {

constexpr Millis kToAnswer = std::chrono::seconds(30);
constexpr Millis kToSayWhyNot = std::chrono::seconds(5);
constexpr std::size_t kMostWords = 300;

Attempt failed_attempt(std::string what, std::string advice = {}) {
  return {.what = std::move(what), .advice = std::move(advice)};
}

Attempt try_again(std::string what, std::string advice) {
  return {.again = true, .what = std::move(what), .advice = std::move(advice)};
}

std::string log_advice(const ServiceState& state) {
  return fmt::format("Its log:  journalctl -u {} -e", state.service->name);
}

// Of one that has no capacity or no model: what it says itself, and whether that can pass.
Attempt why_not_now(const ServiceState& state, const AskHttp& ask, const HttpAnswer& answer) {
  ServiceState asked = state;
  const auto readiness =
      ask({.url = state.url("/health/ready"), .bearer = {}, .limit = kToSayWhyNot});
  if (readiness) read_readiness(asked, readiness->status, readiness->body);
  if (asked.model_missing) return failed_attempt(asked.why_not, model_advice(asked));
  return try_again(asked.why_not.empty() ? error_in(answer.body) : asked.why_not,
                   log_advice(state));
}

Attempt judge_status(const ServiceState& state, const AskHttp& ask, const HttpAnswer& answer) {
  switch (answer.status) {
    case 200: return judge(*state.service->request, answer.body);
    case 429:
    case 503: return why_not_now(state, ask, answer);
    case 401:
    case 403:
      return failed_attempt(
          fmt::format("it wants one of its server.api_keys: {}", error_in(answer.body)),
          fmt::format("Let hailoctl read {}:  sudo hailoctl verify", state.service->config_file()));
    default:
      return failed_attempt(fmt::format("it answers {}: {}", answer.status, error_in(answer.body)),
                            log_advice(state));
  }
}

}  // namespace

Patience real_patience(Millis limit) {
  Patience patience;
  patience.limit = limit;
  patience.now = [] {
    return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch());
  };
  patience.sleep = [](Millis time) { std::this_thread::sleep_for(time); };
  return patience;
}

Verdict verify(const std::function<Attempt(Millis left)>& attempt, const Patience& patience) {
  const Millis begin = patience.now();
  Millis pause = patience.first_pause;
  for (;;) {
    const Millis waited = patience.now() - begin;
    const Millis left = patience.limit - waited;
    Attempt tried = attempt(std::max(left, Millis(1)));
    const bool over = left <= pause;
    if (tried.passed || !tried.again || over) {
      Verdict verdict;
      verdict.result = tried.passed ? Verdict::Outcome::kPassed : Verdict::Outcome::kBroken;
      verdict.what = std::move(tried.what);
      verdict.advice = std::move(tried.advice);
      verdict.request_seconds = tried.seconds;
      verdict.waited_seconds = std::chrono::duration<double>(waited).count();
      return verdict;
    }
    patience.sleep(pause);
    pause = std::min(pause * 2, patience.longest_pause);
  }
}

Attempt try_request(const ServiceState& state, const AskHttp& ask, Millis left) {
  const SampleRequest& request = *state.service->request;
  if (auto strangers = strangers_on_port(state); !strangers.empty()) {
    ServiceState taken = state;
    taken.in_way = std::move(strangers);
    return failed_attempt(
        fmt::format("port {} is held by {}", state.port, taken.in_way.front().text()),
        port_advice(taken));
  }
  const auto answer = ask({.url = state.url(request.path),
                           .bearer = state.bearer(),
                           .picture = request.picture,
                           .fields = request.fields,
                           .limit = std::clamp(left, Millis(1000), kToAnswer)});
  if (!answer) {
    const bool again = answer.error().code == ErrorCode::kUnavailable;
    return {.again = again, .what = answer.error().message, .advice = log_advice(state)};
  }
  Attempt attempt = judge_status(state, ask, *answer);
  attempt.seconds = answer->seconds;
  return attempt;
}

Attempt judge(const SampleRequest& request, const std::string& body) {
  const auto parsed = json::parse(body);
  if (!parsed) return failed_attempt("its answer is no JSON: " + parsed.error().message);
  const boost::json::value* found = &*parsed;
  if (!request.found.empty()) {
    const auto* object = parsed->if_object();
    found = object == nullptr ? nullptr : object->if_contains(request.found);
  }
  const bool is_text = found != nullptr && found->is_string() && !found->get_string().empty();
  if (found == nullptr || (!found->is_array() && !is_text)) {
    return failed_attempt(request.found.empty()
                              ? "its answer is no list"
                              : fmt::format("its answer has no {}", request.found));
  }
  Attempt attempt{.passed = true};
  if (is_text) {
    attempt.what = request.what;
  } else if (found->get_array().empty()) {
    attempt.what = fmt::format("no {} in the picture", request.what);
  } else {
    attempt.what = fmt::format("{}: {}", request.what, found->get_array().size());
  }
  return attempt;
}

std::string error_in(const std::string& body) {
  const auto parsed = json::parse(body, json::kOfHttpBodies);
  if (parsed && parsed->is_object()) {
    for (const char* name : {"error", "message", "detail"}) {
      const auto* said = parsed->get_object().if_contains(name);
      if (said != nullptr && said->is_object()) said = said->get_object().if_contains("message");
      if (said == nullptr || !said->is_string()) continue;
      return std::string(utf8_prefix(said->get_string().c_str(), kMostWords));
    }
  }
  return std::string(utf8_prefix(body, kMostWords));
}

}  // namespace npu::cli
