#include "worker/load_job.hpp"

#include <fmt/format.h>

namespace npu::worker {
namespace json = boost::json;
namespace {

Result<std::vector<device::ModelFile>> parse_files(const json::object& message) {
  const auto* list = message.if_contains("files");
  if (list == nullptr || !list->is_array())
    return fail(ErrorCode::kMalformed, "files must be a list");
  std::vector<device::ModelFile> files;
  for (const auto& entry : list->get_array()) {
    const auto* file = entry.if_object();
    if (file == nullptr) return fail(ErrorCode::kMalformed, "a file must be an object");
    const auto path = text_at(*file, "path");
    if (!path) return fail(path.error());
    files.push_back({std::string(*path), -1});
  }
  return files;
}

}  // namespace

Result<LoadJob> parse_load(const json::object& message) {
  const auto job = number_at(message, "job");
  if (!job) return fail(job.error());
  LoadJob result{.job = *job};
  struct Field {
    const char* name;
    std::string& value;
  };
  for (const auto& [name, value] : {Field{"model", result.model}, Field{"type", result.type},
                                    Field{"path", result.request.path}}) {
    const auto text = text_at(message, name);
    if (!text) return fail(text.error());
    value = *text;
  }
  const auto* params = message.if_contains("params");
  if (params == nullptr || !params->is_object()) {
    return fail(ErrorCode::kMalformed, "params must be an object");
  }
  result.request.params = params->get_object();
  auto files = parse_files(message);
  if (!files) return fail(files.error());
  result.request.files = std::move(*files);
  const auto* fd = message.if_contains("fd");
  result.with_descriptor = fd != nullptr && *fd == true;
  if (result.with_descriptor && result.request.files.empty()) {
    return fail(ErrorCode::kMalformed, "a descriptor needs a file that it is");
  }
  return result;
}

Result<LoadedModel> run_load(const LoadJob& job, device::Device& device,
                             device::RunContext& context) {
  const auto* entry = families::find_family(job.type);
  if (entry == nullptr) {
    return fail(ErrorCode::kInvalidArgument, "Unsupported model_type: " + job.type);
  }
  const auto family = entry->make();
  const auto plan = family->plan(job.request.path, job.request.params);
  if (!plan) return fail(plan.error());
  if (plan->files.size() != job.request.files.size()) {
    return fail(ErrorCode::kInternal,
                fmt::format("{} needs {} files, the manager named {}", job.type, plan->files.size(),
                            job.request.files.size()));
  }
  const auto before = device.memory_used(context);
  auto model = family->load(device, job.request, context);
  if (!model) return fail(model.error());
  const auto after = device.memory_used(context);
  return LoadedModel{std::move(*model), before && after && *after > *before ? *after - *before : 0};
}

}  // namespace npu::worker
