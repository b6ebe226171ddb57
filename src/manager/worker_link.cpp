#include "manager/worker_link.hpp"

#include <iterator>
#include <new>
#include <utility>

#include <fmt/format.h>

#include "base/error_table.hpp"
#include "base/log.hpp"
#include "base/unix_socket.hpp"
#include "base/version.hpp"
#include "manager/link_text.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxLinkMessage = std::size_t{1} << 30;

}  // namespace

WorkerLink::WorkerLink(boost::asio::io_context& io, Lane lane, std::string device,
                       WorkerProcess::Spawned worker, RegionRegistry& regions, Listener& listener)
    : socket_(io, worker.link.release()),
      lane_(lane),
      device_(std::move(device)),
      process_(std::move(worker.process)),
      regions_(regions),
      listener_(listener),
      reader_(kMaxLinkMessage) {}

void WorkerLink::start() {
  process_->on_exit([weak = weak_from_this()](const std::string& how) {
    if (const auto self = weak.lock()) self->exited(how);
  });
  process_->on_stuck([weak = weak_from_this()](const std::string& how) {
    const auto self = weak.lock();
    if (!self) return;
    self->listener_.stuck(self->lane_, self->why_ ? self->why_->message + "; " + how : how);
    self->listener_.settled();
  });
  arm_read();
}

void WorkerLink::load(broker::JobId job, const broker::ModelSpec& model) {
  const auto order = std::static_pointer_cast<const LoadOrder>(model.load);
  jobs_.emplace(job, Job{Kind::kLoad, model.key, nullptr, nullptr});
  for (const auto& file : order->files) {
    if (file->fd) send(fmt::format(R"({{"op":"file","job":{}}})", job), file, file->fd.get());
  }
  send(link_load(job, model, *order));
}

void WorkerLink::infer(broker::JobId job, const broker::ModelSpec& model, Priority priority,
                       std::shared_ptr<InferWork> work, RegionPtr slab) {
  for (const RegionPtr& region : work->regions) introduce(region);
  std::optional<LinkOutput> output;
  if (work->output) {
    introduce(work->output->region);
    output =
        LinkOutput{work->output->region->number(), work->output->offset, work->output->size, true};
  } else if (slab) {
    introduce(slab);
    output = LinkOutput{slab->number(), 0, slab->bytes().size(), false};
  }
  const std::string text = link_infer(job, model.key, work->input, work->stream, priority, output);
  const ClientQuota::Client client = work->client;
  jobs_.emplace(job, Job{Kind::kInfer, model.key, std::move(work), std::move(slab), client});
  send(text);
}

void WorkerLink::unload(broker::JobId job, const broker::ModelSpec& model) {
  jobs_.emplace(job, Job{Kind::kUnload, model.key, nullptr, nullptr});
  send(link_unload(job, model.key));
}

void WorkerLink::release_group(broker::JobId job) {
  jobs_.emplace(job, Job{Kind::kUnload, {}, nullptr, nullptr});
  send(fmt::format(R"({{"op":"release_group","job":{}}})", job));
}

void WorkerLink::cancel(broker::JobId job) {
  if (jobs_.contains(job)) send(fmt::format(R"({{"op":"cancel","job":{}}})", job));
}

void WorkerLink::telemetry(broker::JobId job) {
  jobs_.emplace(job, Job{Kind::kTelemetry, {}, nullptr, nullptr});
  send(fmt::format(R"({{"op":"telemetry","job":{}}})", job));
}

void WorkerLink::drop_region(RegionNumber number) {
  if (known_regions_.erase(number) == 0) return;
  send(fmt::format(R"({{"op":"drop_region","region":{}}})", number));
}

void WorkerLink::kill(Error why) {
  if (!why_) why_ = std::move(why);
  process_->kill();
}

void WorkerLink::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void WorkerLink::introduce(const RegionPtr& region) {
  if (std::exchange(known_regions_[region->number()], true)) return;
  send(fmt::format(R"({{"op":"region","region":{},"size":{}}})", region->number(),
                   region->bytes().size()),
       region, region->fd());
}

void WorkerLink::send(std::string_view json, std::shared_ptr<void> keep, int fd) {
  if (ended_ || !socket_.is_open()) return;
  OutMessage message{.head = wire::encode_text(json), .fd = fd};
  if (keep) message.keep.push_back(std::move(keep));
  switch (outbox_.push(socket_.native_handle(), std::move(message))) {
    case Outbox::State::kIdle: return;
    case Outbox::State::kBlocked: return arm_write();
    case Outbox::State::kBroken: return process_->kill();
  }
}

void WorkerLink::arm_read() {
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (error || self->ended_) return;
                       self->on_readable();
                       self->listener_.settled();
                     });
}

void WorkerLink::arm_write() {
  if (std::exchange(write_armed_, true)) return;
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_write,
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
    kill({ErrorCode::kDeviceLost, "no memory is left for what it sent"});
    return false;
  }
}

bool WorkerLink::receive_messages() {
  const IoResult got = receive(socket_.native_handle(), reader_.prepare(), fds_);
  if (got.kind == IoResult::Kind::kWouldBlock) return true;
  if (got.kind != IoResult::Kind::kOk || !reader_.commit(got.bytes)) return false;
  while (auto payload = reader_.next()) {
    auto message =
        wire::parse_payload(payload->bytes, wire::Layout::kJson, {.values = npu::json::kAnyValues});
    if (!message) {
      kill({ErrorCode::kDeviceLost, "sent an invalid message: " + message.error().message});
      return false;
    }
    handle(message->body);
  }
  return true;
}

void WorkerLink::handle(json::object& message) {
  const std::string_view op = text_at(message, "op");
  if (op == "done") return handle_done(message);
  if (op == "progress") return listener_.progressed(number_at(message, "job"));
  if (op == "event") {
    auto* event = message.if_contains("event");
    if (event != nullptr && event->is_object()) {
      listener_.event(number_at(message, "job"), std::move(event->get_object()));
    }
    return;
  }
  if (op == "region_failed") return handle_region_failed(message);
  if (op == "ready") return handle_ready(message);
  if (op == "failed") return kill(error_at(message, "error"));
  if (op == "lost") return kill({ErrorCode::kDeviceLost, error_at(message, "error").message});
  log::warning("worker {}: unknown message {}", name_of(lane_), op);
}

void WorkerLink::handle_ready(const json::object& message) {
  const std::string_view build = text_at(message, "build");
  if (build != version()) {
    return kill({ErrorCode::kVersionMismatch,
                 fmt::format("the worker is of version {}, the manager of {}; restart the manager",
                             build.empty() ? "none" : build, version())});
  }
  const device::DeviceInfo info = device_info_of(message);
  if (device_ != "auto" && info.kind != device_) {
    return kill(
        {ErrorCode::kUnavailable,
         fmt::format("the worker opened a device of kind '{}' and not '{}'", info.kind, device_)});
  }
  ready_ = true;
  listener_.ready(lane_, info);
}

void WorkerLink::handle_region_failed(const json::object& message) {
  const auto known = known_regions_.find(number_at(message, "region"));
  if (known != known_regions_.end()) known->second = false;
}

void WorkerLink::handle_done(json::object& message) {
  const broker::JobId number = number_at(message, "job");
  const auto found = jobs_.find(number);
  if (found == jobs_.end()) return;
  Job job = std::move(found->second);
  jobs_.erase(found);
  const bool failed = message.contains("error");
  switch (job.kind) {
    case Kind::kTelemetry:
      return listener_.telemetry(number,
                                 failed ? std::nullopt : std::optional(telemetry_of(message)));
    case Kind::kLoad:
      if (failed) return listener_.loaded(lane_, number, job.key, fail(error_at(message, "error")));
      return listener_.loaded(lane_, number, job.key, loaded_info_of(message));
    case Kind::kUnload:
      return listener_.unloaded(lane_, number,
                                failed ? Status(fail(error_at(message, "error"))) : Status());
    case Kind::kInfer: return finish_infer(number, std::move(job), message);
  }
}

void WorkerLink::finish_infer(broker::JobId number, Job job, json::object& message) {
  const std::size_t output_bytes = number_at(message, "output_bytes");
  auto fresh = fresh_region(message, job);
  if (message.contains("error") || !fresh) {
    Error error = fresh ? error_at(message, "error") : fresh.error();
    return listener_.inferred(lane_, number, job.key, fail(std::move(error)), output_bytes);
  }
  auto result = std::make_shared<InferResult>();
  if (auto* value = message.if_contains("result")) result->result = std::move(*value);
  result->inference_ms = real_at(message, "inference_ms").value_or(0);
  result->region = *fresh ? std::move(*fresh) : std::move(job.slab);
  listener_.inferred(lane_, number, job.key, std::move(result), output_bytes);
}

Result<RegionPtr> WorkerLink::fresh_region(const json::object& message, const Job& job) {
  const std::size_t size = number_at(message, "region_size");
  if (size == 0) return RegionPtr();
  if (fds_.empty())
    return fail(ErrorCode::kInternal, "the worker sent a result without its memory");
  UniqueFd fd = std::move(fds_.front());
  fds_.erase(fds_.begin());
  auto memory = SharedMemory::adopt(std::move(fd), size, kMaxLinkMessage);
  if (!memory) return fail(memory.error());
  memory->drop_fd();  // no worker is told of it
  return regions_.add(std::move(*memory), job.client.charge({{Held::kSlabs}}));
}

void WorkerLink::exited(const std::string& how) {
  while (socket_.is_open()) {
    const std::size_t before = jobs_.size();
    if (!receive_some() || jobs_.size() == before) break;
  }
  ended_ = true;
  close();
  jobs_.clear();
  listener_.lost(lane_, why_.value_or(Error{ErrorCode::kDeviceLost, how}));
  listener_.settled();
}

}  // namespace npu::manager
