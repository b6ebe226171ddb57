// The state of services as people and scripts read it.
#pragma once

#include <string>
#include <vector>

#include <boost/json.hpp>

#include "cli/services/survey.hpp"

namespace npu::cli {

// A table of all, and under it what is to be done about those that do not serve.
std::string services_text(const std::vector<ServiceState>& states);

boost::json::object services_json(const ServiceState& state);

// "active", "starting again (3 times)", "not installed", "unknown" without systemd.
std::string state_text(const ServiceState& state);

// What to do about one that is installed and does not serve; "" where nothing is.
std::string service_advice(const ServiceState& state);

}  // namespace npu::cli
