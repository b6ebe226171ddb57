#include "worker/load_job.hpp"

#include <filesystem>

#include <sys/stat.h>

#include <fmt/format.h>

#include "base/modified_ns.hpp"

namespace npu::worker {
namespace json = boost::json;
namespace {

Result<std::vector<OrderedFile>> parse_files(const json::object& message) {
  const auto* list = message.if_contains("files");
  if (list == nullptr || !list->is_array())
    return fail(ErrorCode::kMalformed, "files must be a list");
  std::vector<OrderedFile> files;
  for (const auto& entry : list->get_array()) {
    const auto* file = entry.if_object();
    if (file == nullptr) return fail(ErrorCode::kMalformed, "a file must be an object");
    const auto path = text_at(*file, "path");
    if (!path) return fail(path.error());
    OrderedFile ordered{.path = std::string(*path)};
    if (file->contains("bytes")) {
      const auto bytes = number_at(*file, "bytes");
      if (!bytes) return fail(bytes.error());
      const auto* modified = file->if_contains("modified");
      if (modified == nullptr || !modified->is_int64()) {
        return fail(ErrorCode::kMalformed, "modified must be a number");
      }
      ordered.opened = {.bytes = *bytes, .modified = modified->get_int64()};
    }
    files.push_back(std::move(ordered));
  }
  return files;
}

Status check_unchanged(const LoadJob& job) {
  for (std::size_t i = 0; i < job.files.size(); ++i) {
    const auto& opened = job.files[i].opened;
    if (!opened) continue;
    struct stat info{};
    const bool same = ::fstat(job.request.files[i].fd, &info) == 0 &&
                      static_cast<std::uint64_t>(info.st_size) == opened->bytes &&
                      modified_ns(info) == opened->modified;
    if (same) continue;
    return fail(ErrorCode::kMalformed,
                fmt::format("{} was changed after the device manager had opened it; ask again",
                            std::filesystem::path(job.files[i].path).filename().string()));
  }
  return {};
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
  result.files = std::move(*files);
  for (const auto& file : result.files) result.request.files.push_back({file.path, -1});
  return result;
}

Status use_descriptors(LoadJob& job, std::span<const UniqueFd> descriptors) {
  std::size_t taken = 0;
  for (std::size_t i = 0; i < job.files.size(); ++i) {
    if (!job.files[i].opened) continue;
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
  if (auto same = check_unchanged(job); !same) return fail(same.error());
  const auto before = device.memory_used(context);
  auto model = family->load(device, job.request, context);
  if (!model) return fail(model.error());
  if (auto same = check_unchanged(job); !same) return fail(same.error());
  const auto after = device.memory_used(context);
  return LoadedModel{std::move(*model), before && after && *after > *before ? *after - *before : 0};
}

}  // namespace npu::worker
