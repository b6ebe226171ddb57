// Whether a service answers a real request: it is asked again and again, ever more rarely, while
// its socket is not there or its model is being loaded.
#pragma once

#include <functional>
#include <string>

#include "cli/services/http_ask.hpp"
#include "cli/services/survey.hpp"

namespace npu::cli {

struct Verdict {
  enum class Outcome { kPassed, kBroken, kSkipped };
  Outcome result = Outcome::kBroken;
  std::string what;    // "objects: 3", or why it failed
  std::string advice;  // what to do; "" where nothing is
  double request_seconds = 0;
  double waited_seconds = 0;
};

// One try. again: it may pass later.
struct Attempt {
  bool passed = false;
  bool again = false;
  std::string what;
  std::string advice;
  double seconds = 0;
};

struct Patience {
  Millis limit = std::chrono::seconds(60);
  Millis first_pause{100};
  Millis longest_pause = std::chrono::seconds(2);
  // The clock and the sleep of this machine, but for tests.
  std::function<Millis()> now;
  std::function<void(Millis)> sleep;
};
Patience real_patience(Millis limit);

// attempt is told how long it may take.
Verdict verify(const std::function<Attempt(Millis left)>& attempt, const Patience& patience);

using AskHttp = std::function<Result<HttpAnswer>(const HttpQuestion&)>;

// The sample request of the table, once.
Attempt try_request(const ServiceState& state, const AskHttp& ask, Millis left);

// What an answer with status 200 has; a failed attempt where it is not what it should be.
Attempt judge(const SampleRequest& request, const std::string& body);

// An answer's own words about its error, in every service's form.
std::string error_in(const std::string& body);

}  // namespace npu::cli
