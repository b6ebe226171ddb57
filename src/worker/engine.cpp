#include "worker/engine.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/log.hpp"
#include "worker/guarded.hpp"
#include "worker/infer_job.hpp"
#include "worker/link_context.hpp"
#include "worker/load_job.hpp"
#include "worker/messages.hpp"

namespace npu::worker {
namespace json = boost::json;

Status Engine::handle(const json::object& message) {
  const std::string_view op = op_of(message);
  if (op == "infer") return infer(message);
  if (op == "region") return map_region(message);
  if (op == "load") return load(message);
  if (op == "file") return file();
  if (op == "unload") return unload(message);
  if (op == "release_group") return release_group(message);
  if (op == "telemetry") return telemetry(message);
  if (op == "drop_region") return drop_region(message);
  return fail(ErrorCode::kMalformed, fmt::format("the manager sent an unknown op '{}'", op));
}

Status Engine::map_region(const json::object& message) {
  const auto number = number_at(message, "region");
  if (!number) return fail(number.error());
  const auto size = number_at(message, "size");
  if (!size) return fail(size.error());
  auto fd = link_.take_descriptor();
  if (!fd) return fail(fd.error());
  if (auto ok = regions_.add(*number, std::move(*fd), *size); !ok) return ok;
  if (const auto failed = regions_.failed(*number)) {
    log::warning("region {} cannot be used: {}", *number, failed->message);
    link_.send(region_failed_message(*number, *failed));
    return {};
  }
  device_.keep_memory(regions_.whole(*number));
  return {};
}

Status Engine::drop_region(const json::object& message) {
  const auto number = number_at(message, "region");
  if (!number) return fail(number.error());
  if (const auto bytes = regions_.whole(*number); !bytes.empty()) device_.forget_memory(bytes);
  regions_.drop(*number);
  return {};
}

Status Engine::answer(JobId job, const Status& result) {
  if (!result) return failed(job, result.error());
  link_.send(done_message(job));
  return {};
}

Status Engine::failed(JobId job, const Error& error) {
  if (error.code == ErrorCode::kDeviceLost) {
    link_.send(lost_message(error));
    return fail(error);
  }
  link_.send(error_message(job, error));
  return {};
}

Status Engine::file() {
  auto fd = link_.take_descriptor();
  if (!fd) return fail(fd.error());
  opened_.push_back(std::move(*fd));
  return {};
}

Status Engine::load(const json::object& message) {
  auto job = parse_load(message);
  if (!job) return fail(job.error());
  const std::vector<UniqueFd> descriptors = std::exchange(opened_, {});
  if (auto ok = use_descriptors(*job, descriptors); !ok) return ok;
  models_.erase(job->model);
  LinkContext context(link_, job->job);
  auto loaded = guarded([&] { return run_load(*job, device_, context); });
  if (!loaded) return failed(job->job, loaded.error());
  link_.send(loaded_message(job->job, loaded->memory_bytes, loaded->model->load_info()));
  models_.emplace(std::move(job->model), std::move(loaded->model));
  return {};
}

Status Engine::infer(const json::object& message) {
  const auto job = parse_infer(message, regions_);
  if (!job) return fail(job.error());
  LinkContext context(link_, job->job, job->priority);
  const auto inferred = guarded([&]() -> Result<Inferred> {
    if (link_.cancelled(job->job)) return fail(ErrorCode::kCancelled, "cancelled");
    if (!job->output) return fail(job->output.error());
    const auto model = models_.find(std::string(job->model));
    if (model == models_.end()) return fail(ErrorCode::kNotFound, "the model is not loaded");
    const auto in_use = model->second;
    return run_infer(*job, *in_use, regions_, link_, context);
  });
  if (!inferred) return failed(job->job, inferred.error());
  const auto& [region, bytes] = inferred->output;
  link_.send(inferred_message(job->job, inferred->result, inferred->milliseconds, bytes,
                              region ? region->size() : 0),
             region ? region->fd() : -1);
  return {};
}

Status Engine::unload(const json::object& message) {
  const auto job = number_at(message, "job");
  if (!job) return fail(job.error());
  const auto key = text_at(message, "model");
  if (!key) return fail(key.error());
  models_.erase(std::string(*key));
  return answer(*job, {});
}

Status Engine::release_group(const json::object& message) {
  const auto job = number_at(message, "job");
  if (!job) return fail(job.error());
  models_.clear();
  return answer(*job, guarded([&] { return device_.release_group(); }));
}

Status Engine::telemetry(const json::object& message) {
  const auto job = number_at(message, "job");
  if (!job) return fail(job.error());
  const auto read = guarded([&]() -> Result<device::Telemetry> { return device_.telemetry(); });
  if (!read) return failed(*job, read.error());
  if (auto ok = device_.alive(); !ok) return failed(*job, ok.error());
  link_.send(telemetry_message(*job, *read));
  return {};
}

}  // namespace npu::worker
