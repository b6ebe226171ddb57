// Runs a scenario on a fake clock and tells what came of it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "broker/broker.hpp"
#include "scenario.hpp"

namespace npu::scenario {

struct ClientReport {
  std::size_t sent = 0;
  std::size_t ok = 0;
  std::vector<Duration> latencies;             // of those that were ok, submission to answer
  std::map<std::string, std::size_t> errors;   // by wire name: how accepted requests failed
  std::map<std::string, std::size_t> refused;  // by wire name: not accepted
  std::size_t unanswered = 0;
  Duration last_answer{};  // on the scenario's clock
};

struct Report {
  std::map<std::string, ClientReport> clients;
  std::map<std::string, std::size_t> loads;  // by model, without those before the beginning
  std::map<std::string, std::size_t> runs;
  broker::Snapshot end;
  bool idle = false;
};

// Ends when nothing is left to happen or, with work that never ends, an hour after the last event.
Report run(const Scenario& scenario);

// Empty if the expectation holds; else what was found instead, or why it makes no sense.
std::string check(const Expectation& expectation, const Scenario& scenario, const Report& report);

}  // namespace npu::scenario
