// What is to be done with one service.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/migrate/plan.hpp"

namespace npu::cli::migrate {

// A drop-in of the manager's unit that the migration itself makes.
inline constexpr std::string_view kOldModelsDropIn = "50-migrated-models.conf";

struct Surroundings {
  const Tree& tree;
  const Units& units;
  const Journal& journal;
  bool keep_open = false;
};

// Nothing where the Python project's service of that name is not there.
std::optional<ServicePlan> plan_service(const Surroundings& around, const OldService& service);

// Whether a package has brought our unit of that name.
bool is_packaged(const Tree& tree, std::string_view service);
bool has_group(const Tree& tree, std::string_view name);

}  // namespace npu::cli::migrate
