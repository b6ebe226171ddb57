#include "manager/lanes/worker_link.hpp"

#include <new>
#include <utility>

#include "base/unix_socket.hpp"

namespace npu::manager {
namespace order = wire::order;
namespace {

order::Load load_order(broker::JobId job, const broker::ModelSpec& model, const LoadOrder& files) {
  order::Load load{
      .job = job, .model = model.key, .type = model.type, .path = model.path, .files = {}};
  for (std::size_t i = 0; i < files.files.size(); ++i) {
    const auto& file = files.files[i];
    order::LoadFile entry{.path = file->path, .opened = std::nullopt};
    if (i < files.descriptions.size()) entry.description = files.descriptions[i];
    if (file->fd) entry.opened = {.bytes = file->size, .modified = file->modified};
    load.files.push_back(std::move(entry));
  }
  return load;
}

}  // namespace

WorkerLink::WorkerLink(Lane lane, std::string device, WorkerProcess::Spawned worker,
                       RegionRegistry& regions, broker::LaneReports& reports, Owner& owner)
    : socket_(std::move(worker.link)),
      lane_(lane),
      device_(std::move(device)),
      process_(std::move(worker.process)),
      regions_(regions),
      reports_(reports),
      owner_(owner),
      reader_(wire::kMaxWorkerMessage) {}

void WorkerLink::start() {
  process_->on_exit([weak = weak_from_this()](const std::string& how) {
    if (const auto self = weak.lock()) self->exited(how);
  });
  process_->on_stuck([weak = weak_from_this()](const std::string& how) {
    const auto self = weak.lock();
    if (!self) return;
    self->owner_.worker_stuck(self->lane_, self->why_ ? self->why_->message + "; " + how : how);
    self->owner_.settle();
  });
  arm_read();
}

void WorkerLink::load(broker::JobId job, const broker::ModelSpec& model) {
  const LoadOrder& load = *model.load;
  jobs_.emplace(job, Job{Kind::kLoad, model.key, nullptr, nullptr});
  for (const auto& file : load.files) {
    if (file->fd) send(wire::encode(order::File{job}), file, file->fd.get());
  }
  send(wire::encode(load_order(job, model, load), load.params));
}

void WorkerLink::infer(broker::JobId job, const broker::ModelSpec& model, Priority priority,
                       const order::Asker& asker, std::shared_ptr<InferWork> work, RegionPtr slab) {
  for (const RegionPtr& region : work->regions) introduce(region);
  order::Infer infer{.job = job,
                     .model = model.key,
                     .stream = work->stream,
                     .priority = priority,
                     .output = {},
                     .asker = {}};
  if (lane_ == Lane::kGeneration) {
    infer.asker = asker;
    askers_.insert(asker.client);
  }
  if (const auto& place = work->output) {
    introduce(place->region);
    infer.output = {place->region->number(), place->offset, place->size, true};
  } else if (slab) {
    introduce(slab);
    infer.output = {slab->number(), 0, slab->bytes().size(), false};
  }
  std::string message = wire::encode(std::move(infer), work->input);
  const ClientQuota::Client client = work->client;
  jobs_.emplace(job, Job{Kind::kInfer, model.key, std::move(work), std::move(slab), client});
  send(std::move(message));
}

void WorkerLink::unload(broker::JobId job, const broker::ModelSpec& model) {
  jobs_.emplace(job, Job{Kind::kUnload, model.key, nullptr, nullptr});
  send(wire::encode(order::Unload{job, model.key}));
}

void WorkerLink::release_group(broker::JobId job) {
  jobs_.emplace(job, Job{Kind::kUnload, {}, nullptr, nullptr});
  send(wire::encode(order::ReleaseGroup{job}));
}

void WorkerLink::cancel(broker::JobId job) {
  if (jobs_.contains(job)) send(wire::encode(order::Cancel{job}));
}

void WorkerLink::telemetry(broker::JobId job) {
  jobs_.emplace(job, Job{Kind::kTelemetry, {}, nullptr, nullptr});
  send(wire::encode(order::Telemetry{job}));
}

void WorkerLink::drop_region(RegionNumber number) {
  if (known_regions_.erase(number) == 0) return;
  send(wire::encode(order::DropRegion{number}));
}

void WorkerLink::forget_client(broker::ConnectionId client) {
  if (askers_.erase(client) > 0) send(wire::encode(order::Forget{client}));
}

void WorkerLink::kill(Error why) {
  if (!why_) why_ = std::move(why);
  process_->kill();
}

void WorkerLink::kill_for(std::string what_it_did) {
  kill({ErrorCode::kDeviceLost, std::move(what_it_did)});
}

void WorkerLink::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void WorkerLink::introduce(const RegionPtr& region) {
  if (std::exchange(known_regions_[region->number()], true)) return;
  send(wire::encode(order::Region{region->number(), region->bytes().size()}), region, region->fd());
}

void WorkerLink::send(std::string frame, std::shared_ptr<void> keep, int fd) {
  if (ended_ || !socket_.is_open()) return;
  OutMessage message{.head = std::move(frame), .fd = fd};
  if (keep) message.keep.push_back(std::move(keep));
  switch (outbox_.push(socket_.native_handle(), std::move(message))) {
    case Outbox::State::kIdle: return;
    case Outbox::State::kBlocked: return arm_write();
    case Outbox::State::kBroken: return process_->kill();
  }
}

void WorkerLink::arm_read() {
  socket_.async_wait(WatchedFd::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (error || self->ended_) return;
                       self->on_readable();
                       self->owner_.settle();
                     });
}

void WorkerLink::arm_write() {
  if (std::exchange(write_armed_, true)) return;
  socket_.async_wait(WatchedFd::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->write_armed_ = false;
                       if (error || self->ended_) return;
                       const auto state = self->outbox_.flush(self->socket_.native_handle());
                       if (state == Outbox::State::kBlocked) self->arm_write();
                       if (state == Outbox::State::kBroken) self->process_->kill();
                     });
}

void WorkerLink::on_readable() {
  if (receive_some()) return arm_read();
  process_->kill();
}

// A worker whose message is lost for want of memory is as good as lost.
bool WorkerLink::receive_some() {
  try {
    return receive_messages();
  } catch (const std::bad_alloc&) {
    kill_for("no memory is left for what it sent");
    return false;
  }
}

bool WorkerLink::receive_messages() {
  const IoResult got = receive(socket_.native_handle(), reader_.prepare(), fds_);
  if (got.kind == IoResult::Kind::kWouldBlock) return true;
  if (got.kind != IoResult::Kind::kOk) return false;
  if (auto received = reader_.commit(got.bytes); !received) {
    kill_for("sent what cannot be received: " + received.error().message);
    return false;
  }
  while (auto payload = reader_.next()) {
    auto message = wire::decode_report(payload->bytes);
    if (!message) {
      kill_for("sent an invalid message: " + message.error().message);
      return false;
    }
    std::visit([this](auto& said) { handle(std::move(said)); }, *message);
  }
  // A descriptor comes with the first byte of its message.
  if (reader_.at_boundary() && !fds_.empty()) {
    kill_for("sent a descriptor that belongs to nothing");
    return false;
  }
  return true;
}

void WorkerLink::exited(const std::string& how) {
  while (socket_.is_open()) {
    const std::size_t before = jobs_.size();
    if (!receive_some() || jobs_.size() == before) break;
  }
  ended_ = true;
  close();
  jobs_.clear();
  owner_.worker_lost(lane_, why_.value_or(Error{ErrorCode::kDeviceLost, how}));
  owner_.settle();
}

}  // namespace npu::manager
