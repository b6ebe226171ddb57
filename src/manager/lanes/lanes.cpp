#include "manager/lanes/lanes.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "base/log.hpp"

namespace npu::manager {
namespace {

constexpr std::size_t kLargestSlab = std::size_t{256} << 20;
constexpr std::size_t kMaxRemembered = 4096;

// A worker that does not come up is tried again and again, which is news only once.
void tell(bool is_news, const std::string& text) {
  if (is_news) return log::info("{}", text);
  log::debug("{}", text);
}

}  // namespace

Lanes::Lanes(boost::asio::io_context& io, LaneOptions options, RegionRegistry& regions,
             SlabPool& slabs, Watcher& watcher)
    : io_(io), options_(std::move(options)), regions_(regions), slabs_(slabs), watcher_(watcher) {
  low_.fill();
  regions_.on_end([this](RegionNumber number) {
    for (Slot& slot : slots_) {
      if (slot.link) slot.link->drop_region(number);
    }
  });
}

Lanes::~Lanes() { regions_.on_end(nullptr); }

WorkerLink* Lanes::up(Lane lane) {
  Slot& at = slot(lane);
  return at.link && at.link->is_ready() ? at.link.get() : nullptr;
}

void Lanes::load(Lane lane, broker::JobId job, const broker::ModelSpec& model) {
  if (WorkerLink* link = up(lane)) link->load(job, model);
}

void Lanes::infer(Lane lane, broker::JobId job, const broker::ModelSpec& model,
                  const broker::Request& request, Priority rank) {
  WorkerLink* link = up(lane);
  if (link == nullptr) return;
  const std::shared_ptr<InferWork>& work = request.work;
  RegionPtr slab = work->output ? RegionPtr() : slab_for(model.key, work->client);
  link->infer(job, model, rank, {request.connection, request.user}, work, std::move(slab));
}

void Lanes::forget_client(broker::ConnectionId client) {
  if (WorkerLink* link = up(Lane::kGeneration)) link->forget_client(client);
}

RegionPtr Lanes::slab_for(const std::string& key, const ClientQuota::Client& client) {
  const auto known = output_bytes_.find(key);
  if (known == output_bytes_.end()) return nullptr;
  RegionPtr slab = slabs_.take(known->second, client.charge({{Held::kSlabs}})).value_or(nullptr);
  return slab && slab->back(known->second) ? slab : nullptr;
}

void Lanes::unload(Lane lane, broker::JobId job, const broker::ModelSpec& model) {
  WorkerLink* link = up(lane);
  if (link == nullptr) return;
  forget(slot(lane), model.key);
  link->unload(job, model);
}

void Lanes::release_group(Lane lane, broker::JobId job) {
  WorkerLink* link = up(lane);
  if (link == nullptr) return;
  for (const std::string& key : slot(lane).keys) resident_.erase(key);
  slot(lane).keys.clear();
  link->release_group(job);
}

void Lanes::telemetry(Lane lane, broker::JobId job) {
  if (WorkerLink* link = up(lane)) link->telemetry(job);
}

void Lanes::abort(Lane lane, broker::JobId job) {
  if (WorkerLink* link = up(lane)) link->cancel(job);
}

void Lanes::start(Lane lane) {
  if (stopping_) return;
  Slot& at = slot(lane);
  if (at.link) {
    if (!at.link->is_ready()) return;
    boost::asio::post(io_, [this, lane] {
      if (!stopping_ && up(lane) != nullptr) tell_up(lane);
      settle();
    });
    return;
  }
  if (at.lost_pending) return;
  const auto started = spawn(lane);
  if (started) return;
  at.lost_pending = true;
  boost::asio::post(io_, [this, lane, reason = started.error().message] {
    slot(lane).lost_pending = false;
    tell_lost(lane, {ErrorCode::kInternal, reason});
    settle();
  });
}

Status Lanes::spawn(Lane lane) {
  std::vector<std::string> arguments{
      "--lane",        std::string(name_of(lane)), "--link-fd", "3", "--device",
      options_.device, "--last-words-fd",          "4"};
  arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
  low_.free_some(WorkerProcess::kDescriptors);
  auto spawned = options_.spawn(io_, options_.worker, arguments, options_.end_timeout);
  low_.fill();
  if (!spawned) return fail(spawned.error());
  Slot& at = slot(lane);
  at.pid = spawned->process->pid();
  tell(at.trouble.empty(), fmt::format("worker {}: started, pid {}", name_of(lane), at.pid));
  WorkerLink::Owner& owner = *this;
  at.link = std::make_shared<WorkerLink>(lane, options_.device, std::move(*spawned), regions_,
                                         *reports_, owner);
  at.link->start();
  at.start_timer = std::make_unique<boost::asio::steady_timer>(io_, options_.start_timeout);
  at.start_timer->async_wait([this, lane](const boost::system::error_code& error) {
    if (error || !slot(lane).link || slot(lane).link->is_ready()) return;
    slot(lane).link->kill({ErrorCode::kUnavailable, "the worker did not open its device in time"});
  });
  return {};
}

void Lanes::kill(Lane lane, const std::string& reason) {
  if (slot(lane).link) slot(lane).link->kill({ErrorCode::kDeviceLost, reason});
}

void Lanes::forget(Slot& slot, const std::string& key) {
  slot.keys.erase(key);
  resident_.erase(key);
}

void Lanes::stop(Duration patience, std::function<void()> done) {
  stopping_ = true;
  stopped_ = std::move(done);
  for (Slot& at : slots_) {
    if (at.stuck) at.link.reset();
    if (at.link) at.link->close();
  }
  stop_timer_ = std::make_unique<boost::asio::steady_timer>(io_, patience);
  stop_timer_->async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    for (Slot& at : slots_) {
      if (at.link) at.link->kill({ErrorCode::kDeviceLost, "did not end in time"});
    }
  });
  check_stopped();
}

void Lanes::check_stopped() {
  const bool any = std::ranges::any_of(slots_, [](const Slot& at) { return at.link != nullptr; });
  if (any || !stopped_) return;
  stop_timer_.reset();
  boost::asio::post(io_, std::exchange(stopped_, nullptr));
}

void Lanes::worker_ready(Lane lane, const device::DeviceInfo& info) {
  slot(lane).start_timer.reset();
  slot(lane).info = info;
  tell_up(lane);
}

void Lanes::tell_up(Lane lane) {
  const device::DeviceInfo info = *slot(lane).info;
  reports_->up(lane, static_cast<std::size_t>(info.runs_at_once));
  watcher_.worker_up(lane, info);
}

void Lanes::tell_lost(Lane lane, const Error& why) {
  reports_->lost(lane, why);
  watcher_.worker_lost(lane, why);
}

void Lanes::model_loaded(Lane lane, const std::string& key) {
  slot(lane).keys.insert(key);
  resident_.insert(key);
}

void Lanes::output_took(const std::string& key, std::size_t bytes) {
  if (bytes == 0 || bytes > kLargestSlab) return;
  if (output_bytes_.size() >= kMaxRemembered) output_bytes_.clear();
  std::size_t& known = output_bytes_[key];
  known = std::max(known, bytes);
}

void Lanes::device_read(const device::Telemetry& readings) { watcher_.device_read(readings); }

void Lanes::worker_stuck(Lane lane, const std::string& reason) {
  log::error("worker {}: {}", name_of(lane), reason);
  slot(lane).stuck = true;
  if (stopped_) {
    slot(lane).link.reset();
    return check_stopped();
  }
  reports_->stuck(lane, reason);
  watcher_.worker_stuck(lane, reason);
}

void Lanes::worker_lost(Lane lane, const Error& why) {
  Slot& at = slot(lane);
  const std::shared_ptr<WorkerLink> keep = std::move(at.link);
  at.link.reset();
  at.start_timer.reset();
  at.stuck = false;
  tell(at.info || at.trouble != why.message,
       fmt::format("worker {}: pid {} is gone: {}", name_of(lane), at.pid, why.message));
  at.trouble = at.info ? "" : why.message;
  at.info.reset();
  at.pid = 0;
  for (const std::string& key : at.keys) resident_.erase(key);
  at.keys.clear();
  if (stopped_) return check_stopped();
  tell_lost(lane, why);
}

void Lanes::settle() { watcher_.settle(); }

}  // namespace npu::manager
