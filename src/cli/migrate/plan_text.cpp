#include "cli/migrate/plan_text.hpp"
#include "cli/services/service_table.hpp"

#include <iterator>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace npu::cli::migrate {
namespace json = boost::json;

std::string text_of(const Plan& plan) {
  std::string out;
  const auto put = [&](std::string_view before, std::string_view line) {
    fmt::format_to(std::back_inserter(out), "{}{}\n", before, line);
  };
  for (const ServicePlan& service : plan.services) {
    put("", fmt::format("{}: {}", service.service->name, for_terminal(service.what)));
    for (const Step& step : service.steps) {
      if (const auto line = describe(step); !line.empty()) put("  ", line);
      if (step.op != Step::Op::kWrite || step.to != config_file_of(service.service->name)) continue;
      for (const auto& key : service.taken) put("      ", key);
    }
    for (const auto& note : service.notes) put("  ! ", note);
    out += '\n';
  }
  return out;
}

json::object json_of(const Plan& plan) {
  json::array services;
  for (const ServicePlan& service : plan.services) {
    json::array steps;
    for (const Step& step : service.steps) steps.emplace_back(step.json());
    services.push_back(
        json::object{{"service", service.service->name},
                     {"what", service.what},
                     {"keys", json::array(service.taken.begin(), service.taken.end())},
                     {"notes", json::array(service.notes.begin(), service.notes.end())},
                     {"was_open", service.was_open},
                     {"steps", std::move(steps)}});
  }
  return {{"services", std::move(services)}, {"steps", plan.steps.size()}};
}

}  // namespace npu::cli::migrate
