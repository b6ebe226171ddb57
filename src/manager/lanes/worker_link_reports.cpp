// WorkerLink: what the worker says.
#include <utility>

#include <fmt/format.h>

#include "base/version.hpp"
#include "manager/lanes/worker_link.hpp"

namespace npu::manager {
namespace report = wire::report;
namespace {

broker::LoadedInfo loaded_info(report::Loaded loaded) {
  return {loaded.memory_bytes, std::make_shared<LoadResult>(LoadResult{std::move(loaded.info)})};
}

// What a job of one kind ends with, or its error; nothing where the outcome is neither.
template <class Ended>
std::optional<Result<Ended>> ended_with(report::Outcome& outcome) {
  if (auto* error = std::get_if<Error>(&outcome)) return fail(std::move(*error));
  if (auto* ended = std::get_if<Ended>(&outcome)) return std::move(*ended);
  return std::nullopt;
}

}  // namespace

void WorkerLink::handle(report::Ready ready) {
  if (ready_) return kill_for("said twice that it is ready");
  if (ready.build != version()) {
    return kill({ErrorCode::kVersionMismatch,
                 fmt::format("the worker is of version {}, the manager of {}; restart the manager",
                             ready.build.empty() ? "none" : ready.build, version())});
  }
  if (device_ != "auto" && ready.device.kind != device_) {
    return kill({ErrorCode::kUnavailable,
                 fmt::format("the worker opened a device of kind '{}' and not '{}'",
                             ready.device.kind, device_)});
  }
  ready_ = true;
  owner_.worker_ready(lane_, ready.device);
}

void WorkerLink::handle(report::Failed failed) { kill(std::move(failed.error)); }

void WorkerLink::handle(report::Lost lost) { kill_for(std::move(lost.error.message)); }

void WorkerLink::handle(report::RegionFailed failed) {
  const auto known = known_regions_.find(failed.region);
  if (known != known_regions_.end()) known->second = false;
}

void WorkerLink::handle(report::Event event) {
  const auto found = jobs_.find(event.job);
  if (found == jobs_.end() || found->second.kind != Kind::kInfer) return;
  reports_.event(event.job, InferEvent{std::move(event.event)});
}

void WorkerLink::handle(report::Progress progress) {
  if (jobs_.contains(progress.job)) reports_.progressed(progress.job);
}

void WorkerLink::handle(report::Done done) {
  UniqueFd memory = take_memory(done.outcome);
  const auto found = jobs_.find(done.job);
  if (found == jobs_.end()) return;
  Job job = std::move(found->second);
  job.memory = std::move(memory);
  jobs_.erase(found);
  if (!finish(done.job, job, done.outcome)) {
    kill_for(fmt::format("answered job {} with what is no answer to it", done.job));
  }
}

bool WorkerLink::finish(broker::JobId number, Job& job, report::Outcome& outcome) {
  switch (job.kind) {
    case Kind::kLoad: {
      auto ended = ended_with<report::Loaded>(outcome);
      if (!ended) return false;
      if (*ended) owner_.model_loaded(lane_, job.key);
      reports_.loaded(number, std::move(*ended).map(loaded_info));
      return true;
    }
    case Kind::kInfer: {
      auto ended = ended_with<report::Inferred>(outcome);
      if (!ended) return false;
      if (*ended) owner_.output_took(job.key, (**ended).output_bytes);
      reports_.inferred(
          number, ended->and_then([&](report::Inferred& said) { return result_of(job, said); }));
      return true;
    }
    case Kind::kUnload: {
      const auto ended = ended_with<report::Finished>(outcome);
      if (ended) reports_.unloaded(number, ended->map([](report::Finished) {}));
      return ended.has_value();
    }
    case Kind::kTelemetry: {
      const auto ended = ended_with<device::Telemetry>(outcome);
      if (!ended) return false;
      if (*ended) owner_.device_read(**ended);
      reports_.telemetry_read(number);
      return true;
    }
  }
  return false;
}

Result<std::shared_ptr<InferResult>> WorkerLink::result_of(Job& job, report::Inferred& inferred) {
  auto fresh = fresh_region(inferred.region_bytes, job);
  if (!fresh) return fail(std::move(fresh.error()));
  auto result = std::make_shared<InferResult>();
  result->result = std::move(inferred.result);
  result->inference_ms = inferred.inference_ms;
  result->region = *fresh ? std::move(*fresh) : std::move(job.slab);
  return result;
}

// That of a result has come with the message, whatever becomes of that.
UniqueFd WorkerLink::take_memory(const report::Outcome& outcome) {
  const auto* inferred = std::get_if<report::Inferred>(&outcome);
  if (inferred == nullptr || inferred->region_bytes == 0 || fds_.empty()) return {};
  UniqueFd memory = std::move(fds_.front());
  fds_.erase(fds_.begin());
  return memory;
}

Result<RegionPtr> WorkerLink::fresh_region(std::size_t size, Job& job) {
  if (size == 0) return RegionPtr();
  if (!job.memory) return fail(ErrorCode::kInternal, "the worker sent a result without its memory");
  auto memory = SharedMemory::adopt(std::move(job.memory), size, wire::kMaxWorkerMessage);
  if (!memory) {
    Error error = std::move(memory.error());
    if (error.code == ErrorCode::kInvalidArgument) error.code = ErrorCode::kInternal;
    error.message = "the worker sent memory that cannot be used: " + error.message;
    return fail(std::move(error));
  }
  memory->drop_fd();  // no worker is told of it
  return regions_.add(std::move(*memory), job.client.charge({{Held::kSlabs}}));
}

}  // namespace npu::manager
