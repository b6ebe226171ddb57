// Finds an installation of the Python project, and says what is to be done. Changes nothing.
#pragma once

#include <string>
#include <vector>

#include <npu/result.hpp>

#include "cli/migrate/journal.hpp"
#include "cli/migrate/old_services.hpp"
#include "cli/migrate/step.hpp"
#include "cli/migrate/tree.hpp"
#include "cli/migrate/units.hpp"

namespace npu::cli::migrate {

struct ServicePlan {
  const OldService* service = nullptr;
  std::string what;                // "hailo-depth takes its place", for people
  std::vector<std::string> taken;  // keys with their values
  std::vector<std::string> notes;
  std::vector<Step> steps;
  bool was_open = false;  // listened on all addresses, and would not any more
};

struct Plan {
  std::vector<ServicePlan> services;  // that were found
  std::vector<Step> steps;            // of all, in the order in which they are done
};

// keep_open: services that listen on all addresses go on to.
// kNotFound: there is no such installation. kUnavailable: our own packages are not there.
Result<Plan> make_plan(const Tree& tree, const Units& units, const Journal& journal,
                       bool keep_open);

}  // namespace npu::cli::migrate
