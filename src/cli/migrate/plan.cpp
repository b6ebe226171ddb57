#include "cli/migrate/plan.hpp"

#include <algorithm>
#include <ranges>

#include "cli/migrate/service_plan.hpp"

namespace npu::cli::migrate {
namespace {

// Old services that go on keep their models where the old manager could read them: in its group.
void let_read_old_models(const Tree& tree, Plan& plan) {
  constexpr std::string_view kOldGroup = "hailo-device-mgr";
  const bool any = std::ranges::any_of(plan.services, [](const ServicePlan& at) {
    return at.service->becomes == OldService::Becomes::kGoesOn && !at.service->reads.empty() &&
           !at.steps.empty();
  });
  const auto manager = std::ranges::find_if(
      plan.services, [](const ServicePlan& at) { return at.service->name == kManager; });
  if (!any || manager == plan.services.end() || manager->steps.empty() ||
      !has_group(tree, kOldGroup)) {
    return;
  }
  manager->steps.insert(
      std::ranges::find(manager->steps, Step::Op::kStart, &Step::op),
      {.op = Step::Op::kWrite,
       .service = std::string(kManager),
       .to = "/etc/systemd/system/hailo-device-manager.service.d/" + std::string(kOldModelsDropIn),
       .text = "# Of hailoctl migrate: models of services that go on belong to this group.\n"
               "[Service]\nSupplementaryGroups=" +
               std::string(kOldGroup) + "\n"});
}

bool is_any(const Step& step, std::initializer_list<Step::Op> ops) {
  return std::ranges::find(ops, step.op) != ops.end();
}

// Who uses the manager stops before it and starts after it.
void order(Plan& plan) {
  using enum Step::Op;
  const auto take = [&](auto&& services, std::initializer_list<Step::Op> ops) {
    for (const ServicePlan& service : services) {
      for (const Step& step : service.steps) {
        if (is_any(step, ops)) plan.steps.push_back(step);
      }
    }
  };
  take(std::views::reverse(plan.services), {kStop});
  take(plan.services, {kKeep, kWrite, kAdopt, kDatabase});
  if (!plan.steps.empty()) plan.steps.push_back({.op = kReload});
  take(plan.services, {kStart});
  take(plan.services, {kDone});
}

}  // namespace

Result<Plan> make_plan(const Tree& tree, const Units& units, const Journal& journal,
                       bool keep_open) {
  const Surroundings around{tree, units, journal, keep_open};
  Plan plan;
  for (const OldService& service : old_services()) {
    if (auto found = plan_service(around, service)) plan.services.push_back(std::move(*found));
  }
  if (plan.services.empty()) {
    return fail(ErrorCode::kNotFound, "there is no installation of the Python project here");
  }
  if (!is_packaged(tree, kManager)) {
    return fail(ErrorCode::kUnavailable,
                "the package hailo-device-manager is not installed, which takes over from the "
                "Python project");
  }
  let_read_old_models(tree, plan);
  order(plan);
  return plan;
}

}  // namespace npu::cli::migrate
