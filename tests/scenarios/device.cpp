#include "device.hpp"

#include <algorithm>
#include <utility>

namespace npu::scenario {
namespace {

constexpr Duration kUnloadTime = std::chrono::milliseconds(1);

}  // namespace

void Device::load(Lane lane, broker::JobId job, const broker::ModelSpec& model) {
  ++loads[model.key];
  worker(lane).jobs.push_back({Job::Kind::kLoad, job, model.key});
}

void Device::infer(Lane lane, broker::JobId job, const broker::ModelSpec& model,
                   const broker::Request& request, Priority) {
  const auto& work = *request.work;
  worker(lane).jobs.push_back({Job::Kind::kInfer, job, model.key, work.tokens, work.stream});
}

void Device::unload(Lane lane, broker::JobId job, const broker::ModelSpec& model) {
  worker(lane).jobs.push_back({Job::Kind::kUnload, job, model.key});
}

void Device::release_group(Lane lane, broker::JobId job) {
  worker(lane).jobs.push_back({Job::Kind::kRelease, job, ""});
}

void Device::abort(Lane lane, broker::JobId job) {
  const auto found = std::ranges::find(worker(lane).jobs, job, &Job::id);
  if (found != worker(lane).jobs.end()) found->aborted = true;
}

void Device::start(Lane lane) { worker(lane).starts = clock_.now() + scenario_.device.start; }

void Device::kill(Lane lane, const std::string& reason) { worker(lane).dies = reason; }

std::optional<SteadyTime> Device::next() const {
  std::optional<SteadyTime> next;
  for (const Worker& each : workers_) {
    if (!each.dies.empty()) return clock_.now();
    for (const auto& time : {each.starts, each.piece_ends}) {
      if (time && (!next || *time < *next)) next = time;
    }
    const bool can_begin =
        each.up && !each.jobs.empty() && !each.piece_ends && !each.waits_for_chip;
    if (can_begin && !each.jobs.front().hangs) return clock_.now();
  }
  return next;
}

void Device::step() {
  for (bool moved = true; moved;) {
    moved = false;
    for (const Lane lane : kLanes) {
      moved = die(lane) || moved;
      moved = come_up(lane) || moved;
      moved = finish_piece(lane) || moved;
      moved = begin_piece(lane) || moved;
    }
    moved = give_chip() || moved;
  }
}

bool Device::die(Lane lane) {
  Worker& at = worker(lane);
  const std::string why = std::exchange(at.dies, "");
  if (why.empty() || (!at.up && !at.starts)) return false;
  if (on_chip_ == lane) on_chip_.reset();
  if (scenario_.options.group_release) left_behind_.merge(at.models);
  const bool can_start = at.can_start;
  at = {};
  at.can_start = can_start;
  broker_->lost(lane, {ErrorCode::kDeviceLost, why});
  return true;
}

bool Device::come_up(Lane lane) {
  Worker& at = worker(lane);
  if (!at.starts || *at.starts > clock_.now()) return false;
  if (!at.can_start) {
    at.dies = "does not start";
    return die(lane);
  }
  at.starts.reset();
  at.up = true;
  broker_->up(lane, 1);
  return true;
}

bool Device::finish_piece(Lane lane) {
  Worker& at = worker(lane);
  if (!at.piece_ends || *at.piece_ends > clock_.now()) return false;
  at.piece_ends.reset();
  if (on_chip_ == lane) on_chip_.reset();
  Job& job = at.jobs.front();
  if (--job.pieces > 0 && !job.aborted) {
    if (job.stream) broker_->event(job.id, {});
    return true;
  }
  const Job done = std::move(job);
  at.jobs.pop_front();
  answer(lane, done);
  return true;
}

bool Device::begin_piece(Lane lane) {
  Worker& at = worker(lane);
  if (!at.up || at.jobs.empty() || at.piece_ends || at.waits_for_chip) return false;
  Job& job = at.jobs.front();
  if (job.hangs) return false;
  if (job.kind == Job::Kind::kInfer && hangs_.erase(job.model) > 0) {
    job.hangs = true;
    return false;
  }
  switch (job.kind) {
    case Job::Kind::kLoad:
      at.piece_ends = clock_.now() + scenario_.models.at(job.model).load;
      break;
    case Job::Kind::kInfer:
      if (scenario_.device.one_chip) {
        at.waits_for_chip = true;
      } else {
        at.piece_ends = clock_.now() + scenario_.models.at(job.model).piece;
      }
      break;
    default: at.piece_ends = clock_.now() + kUnloadTime;
  }
  return true;
}

bool Device::give_chip() {
  if (on_chip_) return false;
  std::optional<Lane> first;
  for (const Lane lane : {Lane::kVision, Lane::kSpeech, Lane::kGeneration}) {
    if (!first && worker(lane).waits_for_chip) first = lane;
  }
  if (!first) return false;
  Worker& at = worker(*first);
  at.waits_for_chip = false;
  at.piece_ends = clock_.now() + scenario_.models.at(at.jobs.front().model).piece;
  on_chip_ = first;
  return true;
}

void Device::answer(Lane lane, const Job& job) {
  Worker& at = worker(lane);
  switch (job.kind) {
    case Job::Kind::kLoad: return answer_load(at, job);
    case Job::Kind::kInfer:
      ++runs[job.model];
      return broker_->inferred(job.id, std::shared_ptr<broker::InferResult>());
    case Job::Kind::kUnload:
      at.models.erase(job.model);
      if (scenario_.options.group_release) left_behind_.insert(job.model);
      return broker_->unloaded(job.id, {});
    case Job::Kind::kRelease: break;
  }
  left_behind_.merge(at.models);
  at.models.clear();
  const bool all_released = std::ranges::all_of(
      workers_, [](const Worker& each) { return each.models.empty() && each.jobs.empty(); });
  if (all_released) left_behind_.clear();
  broker_->unloaded(job.id, {});
}

void Device::answer_load(Worker& at, const Job& job) {
  const std::uint64_t size = size_of(job.model);
  left_behind_.erase(job.model);
  const std::uint64_t memory = scenario_.options.memory_bytes;
  if (memory > 0 && used() + size > memory) {
    broker_->loaded(job.id, fail(ErrorCode::kDoesNotFit, "out of device memory"));
    return;
  }
  at.models.insert(job.model);
  broker_->loaded(job.id, broker::LoadedInfo{size, nullptr});
}

std::uint64_t Device::size_of(const std::string& model) const {
  const ModelSpec& spec = scenario_.models.at(model);
  return spec.measured > 0 ? spec.measured : spec.spec.memory_bound;
}

std::uint64_t Device::used() const {
  std::uint64_t sum = 0;
  for (const Worker& each : workers_) {
    for (const std::string& model : each.models) sum += size_of(model);
  }
  for (const std::string& model : left_behind_) sum += size_of(model);
  return sum;
}

}  // namespace npu::scenario
