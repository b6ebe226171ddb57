#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/error_table.hpp"
#include "simulation.hpp"

namespace npu::scenario {
namespace {

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// The smallest latency that `share` of all latencies do not exceed.
std::optional<double> percentile(std::vector<Duration> latencies, double share) {
  if (latencies.empty()) return std::nullopt;
  std::ranges::sort(latencies);
  const double rank = std::max(0.0, share * static_cast<double>(latencies.size()) - 1e-9);
  return seconds(latencies[std::min(static_cast<std::size_t>(rank), latencies.size() - 1)]);
}

double total(const std::map<std::string, std::size_t>& counts) {
  std::size_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return static_cast<double>(sum);
}

double count_of(const std::map<std::string, std::size_t>& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : static_cast<double>(found->second);
}

std::optional<double> of_client(const ClientReport& client,
                                const std::vector<std::string>& subject) {
  const std::string& what = subject[1];
  if (subject.size() == 3) {
    if (!error_code_from_wire(subject[2])) return std::nullopt;
    if (what == "error") return count_of(client.errors, subject[2]);
    if (what == "refused") return count_of(client.refused, subject[2]);
    return std::nullopt;
  }
  if (what == "sent") return static_cast<double>(client.sent);
  if (what == "ok") return static_cast<double>(client.ok);
  if (what == "failed") return total(client.errors);
  if (what == "refused") return total(client.refused);
  if (what == "unanswered") return static_cast<double>(client.unanswered);
  if (what == "dropped") {
    return count_of(client.errors, "deadline_exceeded") +
           count_of(client.refused, "deadline_exceeded");
  }
  if (what == "done") return seconds(client.last_answer);
  if (what == "p50") return percentile(client.latencies, 0.50);
  if (what == "p99") return percentile(client.latencies, 0.99);
  if (what == "max") return percentile(client.latencies, 1);
  return std::nullopt;
}

std::optional<double> of_model(const std::string& model, const std::string& what,
                               const Report& report) {
  if (what == "loads") return count_of(report.loads, model);
  if (what == "runs") return count_of(report.runs, model);
  if (what == "resident") {
    return std::ranges::any_of(report.end.models, [&](const broker::ModelStatus& each) {
      return each.model.key == model;
    });
  }
  return std::nullopt;
}

std::optional<double> of_all(const std::string& what, const Report& report) {
  if (what == "evictions") return static_cast<double>(report.end.evictions);
  if (what == "retries") return static_cast<double>(report.end.retries);
  if (what == "restarts") return static_cast<double>(report.end.lane_restarts);
  if (what == "idle") return report.idle;
  return std::nullopt;
}

bool holds(double found, const std::string& comparison, double value) {
  if (comparison == "=") return found == value;
  if (comparison == "!=") return found != value;
  if (comparison == "<") return found < value;
  if (comparison == "<=") return found <= value;
  if (comparison == ">") return found > value;
  return found >= value;
}

}  // namespace

std::string check(const Expectation& expectation, const Scenario& scenario, const Report& report) {
  const std::vector<std::string>& subject = expectation.subject;
  std::optional<double> found;
  if (subject.size() == 1) {
    found = of_all(subject[0], report);
  } else if (subject.size() == 3 && subject[0] == "model") {
    if (!scenario.models.contains(subject[1])) return "there is no model " + subject[1];
    found = of_model(subject[1], subject[2], report);
  } else if (subject.size() <= 3) {
    const auto client = report.clients.find(subject[0]);
    if (client == report.clients.end()) return "there is no client " + subject[0];
    found = of_client(client->second, subject);
  }
  if (!found) return "there is no such figure";
  if (holds(*found, expectation.comparison, expectation.value)) return "";
  return fmt::format("found {:g}", *found);
}

}  // namespace npu::scenario
