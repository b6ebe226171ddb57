// A plan for people, and for programs.
#pragma once

#include <string>

#include <boost/json.hpp>

#include "cli/migrate/plan.hpp"

namespace npu::cli::migrate {

std::string text_of(const Plan& plan);
boost::json::object json_of(const Plan& plan);

}  // namespace npu::cli::migrate
