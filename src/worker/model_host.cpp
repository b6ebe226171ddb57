#include "worker/model_host.hpp"

#include <utility>

#include "base/log.hpp"
#include "worker/guarded.hpp"
#include "worker/infer_job.hpp"
#include "worker/link_context.hpp"
#include "worker/load_job.hpp"

namespace npu::worker {
namespace json = boost::json;
namespace order = wire::order;
namespace report = wire::report;
Status ModelHost::handle(const wire::ReceivedOrder& message) {
  return std::visit([&](const auto& order) { return follow(order, message.json); }, message.order);
}

Status ModelHost::follow(const order::Region& order, const json::object&) {
  auto fd = link_.take_descriptor();
  if (!fd) return fail(fd.error());
  if (auto ok = regions_.add(order.region, std::move(*fd), order.bytes); !ok) return ok;
  if (const auto failed = regions_.failed(order.region)) {
    log::warning("region {} cannot be used: {}", order.region, failed->message);
    link_.send(report::RegionFailed{order.region, *failed});
    return {};
  }
  device_.keep_memory(regions_.whole(order.region));
  return {};
}

Status ModelHost::follow(const order::DropRegion& order, const json::object&) {
  if (const auto bytes = regions_.whole(order.region); !bytes.empty()) device_.forget_memory(bytes);
  regions_.drop(order.region);
  return {};
}

Status ModelHost::follow(const order::File&, const json::object&) {
  auto fd = link_.take_descriptor();
  if (!fd) return fail(fd.error());
  opened_.push_back(std::move(*fd));
  return {};
}

Status ModelHost::follow(const order::Load& order, const json::object& params) {
  LoadJob job(order, params);
  job.request.context_bytes = context_bytes_;
  const std::vector<UniqueFd> descriptors = std::exchange(opened_, {});
  if (auto ok = use_descriptors(job, descriptors); !ok) return ok;
  models_.erase(order.model);
  LinkContext context(link_, order.job);
  auto loaded = guarded([&] { return run_load(job, device_, context); });
  if (!loaded) return failed(order.job, loaded.error());
  auto info = loaded->model->load_info();
  models_.emplace(order.model, std::move(loaded->model));
  return done(order.job, report::Loaded{loaded->memory_bytes, std::move(info)});
}

Status ModelHost::follow(const order::Infer& order, const json::object& input) {
  const auto job = infer_job(order, input, regions_);
  if (!job) return fail(job.error());
  LinkContext context(link_, order.job, order.priority);
  auto inferred = guarded([&]() -> Result<Inferred> {
    if (link_.cancelled(order.job)) return fail(ErrorCode::kCancelled, "cancelled");
    if (!job->output) return fail(job->output.error());
    const auto model = models_.find(order.model);
    if (model == models_.end()) return fail(ErrorCode::kNotFound, "the model is not loaded");
    const auto in_use = model->second;
    return run_infer(*job, *in_use, regions_, link_, context);
  });
  if (!inferred) return failed(order.job, inferred.error());
  const auto& [region, bytes] = inferred->output;
  return done(order.job,
              report::Inferred{std::move(inferred->result), inferred->milliseconds, bytes,
                               region ? region->size() : 0},
              region ? region->fd() : -1);
}

Status ModelHost::follow(const order::Unload& order, const json::object&) {
  models_.erase(order.model);
  return done(order.job, report::Finished{});
}

Status ModelHost::follow(const order::ReleaseGroup& order, const json::object&) {
  models_.clear();
  const auto released = guarded([&] { return device_.release_group(); });
  if (!released) return failed(order.job, released.error());
  return done(order.job, report::Finished{});
}

Status ModelHost::follow(const order::Forget& order, const json::object&) {
  for (const auto& [key, model] : models_) model->forget(order.client);
  return {};
}

Status ModelHost::follow(const order::Telemetry& order, const json::object&) {
  auto read = guarded([&]() -> Result<device::Telemetry> { return device_.telemetry(); });
  if (!read) return failed(order.job, read.error());
  if (auto ok = device_.alive(); !ok) return failed(order.job, ok.error());
  return done(order.job, *read);
}

// The link has taken it in by itself.
Status ModelHost::follow(const order::Cancel&, const json::object&) { return {}; }

Status ModelHost::done(JobId job, report::Outcome outcome, int descriptor) {
  link_.send(report::Done{job, std::move(outcome)}, descriptor);
  return {};
}

Status ModelHost::failed(JobId job, const Error& error) {
  if (error.code != ErrorCode::kDeviceLost) return done(job, error);
  link_.send(report::Lost{error});
  return fail(error);
}

}  // namespace npu::worker
