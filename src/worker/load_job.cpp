#include "worker/load_job.hpp"

#include <filesystem>

#include <sys/stat.h>

#include <fmt/format.h>

#include "base/modified_ns.hpp"
#include "description/description_json.hpp"

namespace npu::worker {
namespace {

Status check_unchanged(const LoadJob& job) {
  for (std::size_t i = 0; i < job.order.files.size(); ++i) {
    const auto& opened = job.order.files[i].opened;
    if (!opened) continue;
    struct stat info{};
    const bool same = ::fstat(job.request.files[i].fd, &info) == 0 &&
                      static_cast<std::uint64_t>(info.st_size) == opened->bytes &&
                      modified_ns(info) == opened->modified;
    if (same) continue;
    return fail(ErrorCode::kMalformed,
                fmt::format("{} was changed after the device manager had opened it; ask again",
                            std::filesystem::path(job.order.files[i].path).filename().string()));
  }
  return {};
}

}  // namespace

LoadJob::LoadJob(const wire::order::Load& load, const boost::json::object& params)
    : order(load), request{.path = load.path, .params = params, .files = {}} {
  for (const auto& file : load.files) request.files.push_back({file.path, -1});
}

Status use_descriptors(LoadJob& job, std::span<const UniqueFd> descriptors) {
  std::size_t taken = 0;
  for (std::size_t i = 0; i < job.order.files.size(); ++i) {
    if (!job.order.files[i].opened) continue;
    if (taken == descriptors.size()) {
      return fail(ErrorCode::kMalformed, "a file of the load came without its descriptor");
    }
    job.request.files[i].fd = descriptors[taken++].get();
  }
  if (taken < descriptors.size()) {
    return fail(ErrorCode::kMalformed, "a descriptor came that no file of the load has");
  }
  return {};
}

Result<LoadedModel> run_load(const LoadJob& job, device::Device& device,
                             device::RunContext& context) {
  const auto* entry = families::find_family(job.order.type);
  if (entry == nullptr) {
    return fail(ErrorCode::kInvalidArgument, "Unsupported model_type: " + job.order.type);
  }
  const auto family = entry->make();
  const auto plan = family->plan(job.request.path, job.request.params);
  if (!plan) return fail(plan.error());
  if (plan->files.size() != job.request.files.size()) {
    return fail(ErrorCode::kInternal,
                fmt::format("{} needs {} files, the manager named {}", job.order.type,
                            plan->files.size(), job.request.files.size()));
  }
  if (auto same = check_unchanged(job); !same) return fail(same.error());
  families::LoadRequest request = job.request;
  for (const auto& file : job.order.files) {
    auto description = description_from_json(file.description);
    if (!description) return fail(description.error());
    request.descriptions.push_back(std::move(*description));
  }
  const auto before = device.memory_used(context);
  auto model = family->load(device, request, context);
  if (!model) return fail(model.error());
  if (auto same = check_unchanged(job); !same) return fail(same.error());
  const auto after = device.memory_used(context);
  return LoadedModel{std::move(*model), before && after && *after > *before ? *after - *before : 0};
}

}  // namespace npu::worker
