#include "manager/clients/session.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/log.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

// More members go to a codec thread, since those of one object can be made to take much longer than
// other values.
constexpr std::ptrdiff_t kInlineMembers = 256;
constexpr std::size_t kScratchBytes = 4096;   // for what most requests say
constexpr std::ptrdiff_t kBytesOfMember = 4;  // at least: "":0
// Nothing more is taken of a client that leaves so much unread, or may come to leave kMaxUnread.
constexpr std::size_t kMaxUnsent = std::size_t{4} << 20;

bool is_quickly_read(std::span<const std::byte> payload, wire::Layout layout) {
  const std::size_t json = json_bytes(payload, layout);
  if (json > kInlineJson) return false;
  if (json <= std::size_t{kBytesOfMember * kInlineMembers}) return true;
  // The JSON begins with the payload, or four bytes later: enough for a guess.
  return std::ranges::count(payload.first(json), std::byte{':'}) <= kInlineMembers;
}

}  // namespace

struct Session::IntakeJob {
  std::shared_ptr<void> place;
  IntakeSource source;
  InFrame frame;
  Result<RegionPtr> slab;
  Result<Intake> result = fail(ErrorCode::kOverloaded, "not enough memory for this message");
};

Session::Session(broker::ConnectionId id, WatchedFd socket, const PeerCredentials& peer,
                 Rights rights, Admission admission, SessionHost& host)
    : id_(id),
      peer_(peer),
      rights_(rights),
      name_(fmt::format("{}:pid{}", peer.uid, peer.pid)),
      host_(host),
      connection_(*this, std::move(socket), std::move(admission), host.config().max_message_bytes,
                  {host.slabs(), host.budget(), host.turns(), host.clock()}),
      refusal_timer_(host.io()) {
  style_.max_bytes = host.config().max_message_bytes;
}

bool Session::ready_for_frame() const {
  if (parsing_ || finishing_) return false;
  if (!features_.has(Feature::kPipeline)) return idle() && connection_.unsent_bytes() == 0;
  return in_flight_ + refusals_.size() < max_in_flight() &&
         connection_.unsent_bytes() < kMaxUnsent && in_flight_ * largest_reply_ < kMaxUnread;
}

std::size_t Session::max_in_flight() const { return host_.config().max_in_flight; }

void Session::on_frame(InFrame frame) {
  ++frames_;
  IntakeSource source{.payload = frame.payload,
                      .payload_slab = frame.slab,
                      .layout = style_.layout,
                      .regions = features_.has(Feature::kShm) ? &regions_ : nullptr,
                      .take_slab = {}};
  if (!is_quickly_read(frame.payload.bytes, style_.layout)) {
    return take_in_elsewhere(std::move(frame), std::move(source));
  }
  // Nothing of the body outlives this call.
  std::array<unsigned char, kScratchBytes> scratch;
  json::monotonic_resource memory(scratch.data(), scratch.size());
  source.memory = &memory;
  source.take_slab = [this](std::size_t bytes) { return take_slab(bytes); };
  handle(take_in(source), std::move(frame));
}

Result<RegionPtr> Session::take_slab(std::size_t bytes) {
  auto hold = connection_.client().take({{Held::kSlabs}});
  if (!hold) return fail(hold.error());
  return host_.slabs().take(bytes, std::move(*hold));
}

void Session::take_in_elsewhere(InFrame frame, IntakeSource source) {
  auto job = std::make_unique<IntakeJob>();
  job->place = connection_.place();
  job->source = std::move(source);
  job->frame = std::move(frame);
  job->source.stop = host_.codec().stop();
  job->slab = take_slab(slab_bound(job->frame.payload.bytes.size()));
  job->source.take_slab = [job = job.get()](std::size_t) { return job->slab; };
  parsing_ = true;
  auto self = shared_from_this();
  host_.codec().run(
      user(), std::move(job), [](IntakeJob& work) { work.result = take_in(work.source); },
      [self = std::move(self)](std::unique_ptr<IntakeJob> work) {
        self->parsing_ = false;
        if (self->connection_.is_open()) {
          Result<Intake> result = std::move(work->result);
          InFrame own = std::move(work->frame);
          work.reset();
          self->connection_.guarded([&] { self->handle(std::move(result), std::move(own)); });
          self->attend_later();
        }
        self->host_.settle();
      });
}

void Session::handle(Result<Intake> intake, InFrame frame) {
  if (!intake) {
    if (intake.error().code == ErrorCode::kInvalidArgument)
      return connection_.close("sent no JSON object");
    return on_unreceivable(intake.error());
  }
  const auto action = action_of(intake->body);
  if (!action) {
    return reply_error(intake->sound ? action.error() : intake->sound.error(), intake->request_id);
  }
  dispatch(*action, *intake, std::move(frame));
}

void Session::dispatch(std::string_view action, Intake& intake, InFrame frame) {
  std::string request_id = std::move(intake.request_id);
  // Taken whatever becomes of the frame: the next one in the row belongs to another.
  std::optional<Result<CountedFd>> passed;
  if (action == "shm_register") passed = connection_.take_fd();
  if (!intake.sound) return reply_error(intake.sound.error(), request_id);
  if (action == "ping" || action == "status") return reply(host_.status(1), request_id);
  if (action == "device_status") return reply(host_.device_status(1), request_id);
  if (action == "hello") return hello(intake.body, request_id);
  if (action == "shm_register") return shm_register(intake.body, request_id, std::move(passed));
  if (action == "shm_unregister") return shm_unregister(intake.body, request_id);
  if (action == "cancel") return cancel(intake.id_to_cancel, request_id);
  if (action != "infer" && action != "load_model" && action != "unload_model") {
    return reply_error(unknown_action(action), request_id);
  }

  if (std::ranges::find(in_flight_ids_, request_id) != in_flight_ids_.end()) {
    return reply_error({ErrorCode::kInvalidArgument,
                        fmt::format("request_id {} is in flight already", request_id)},
                       request_id);
  }
  if (auto ready = host_.device_ready(); !ready) {
    return reply_no_device(std::move(ready.error()), request_id);
  }
  const std::size_t payload_bytes = frame.payload.bytes.size();
  Pending pending{.request_id = std::move(request_id), .share = std::move(frame.share)};
  if (action == "infer") {
    frame = {};  // what of it is needed, the intake holds
    return infer(intake, std::move(pending), payload_bytes);
  }
  if (action == "load_model") return load_model(intake.body, std::move(pending));
  unload_model(intake.body, std::move(pending));
}

// Said at once: what is kept would not be sent any more.
void Session::on_unreceivable(const Error& error) {
  send_or_close(make_reply(error_body(error, style_), {}, style_), {});
  connection_.close_when_sent();
}

void Session::on_closed() {
  log::debug("client {} ({}): connection {} closed: {}", name_, peer_.pid, id_,
             connection_.close_reason());
  pending_.clear();
  in_flight_ = 0;
  refusals_.clear();
  refusal_timer_.cancel();
  // A codec thread may be reading the table; it then ends with the session.
  if (!parsing_) regions_.clear();
  host_.closed(*this);
}

void Session::on_settled() { host_.settle(); }

void Session::attend_later() { host_.touch(shared_from_this()); }

void Session::settle() {
  if (!connection_.is_open()) return connection_.finish_close();
  if (finishing_ && idle() && connection_.unsent_bytes() == 0) {
    connection_.close("the manager stops");
    return connection_.finish_close();
  }
  connection_.guarded([this] { send_announcements(); });
  connection_.resume();
}

void Session::finish() {
  finishing_ = true;
  refusal_timer_.cancel();
  send_refusals();
  settle();
}

std::string_view Session::request_id(broker::RequestId request) const {
  const auto found = pending_.find(request);
  return found == pending_.end() ? std::string_view() : found->second.request_id;
}

void Session::reply(json::object body, const std::string& request_id) {
  send_or_close(make_reply(std::move(body), request_id, style_), request_id);
}

void Session::reply_error(const Error& error, const std::string& request_id) {
  auto message = make_reply(error_body(error, style_), request_id, style_);
  const bool asks_too_much =
      error.code == ErrorCode::kQuotaExceeded || error.code == ErrorCode::kOverloaded;
  if (!asks_too_much || !message) return send_or_close(std::move(message), request_id);
  refusals_.push_back(std::move(*message));
  if (refusals_.size() == 1) send_refusals();
}

// Of one connection only the first waits for its time, the others for the one before: a program
// that is refused once does not wait for all that others of its user have been refused.
void Session::send_refusals() {
  while (!refusals_.empty()) {
    const Duration wait =
        finishing_ ? Duration{} : host_.refusals().time_to_keep(peer_.uid, host_.clock().now());
    if (wait > Duration{}) return send_refusals_after(wait);
    send_first_refusal();
  }
}

void Session::send_refusals_after(Duration wait) {
  refusal_timer_.expires_after(wait);
  refusal_timer_.async_wait([self = shared_from_this()](const auto& error) {
    if (error || !self->connection_.is_open() || self->refusals_.empty()) return;
    self->connection_.guarded([&] {
      self->send_first_refusal();
      self->send_refusals();
    });
    self->attend_later();
    self->host_.settle();
  });
}

void Session::send_first_refusal() {
  connection_.send(std::move(refusals_.front()));
  refusals_.pop_front();
}

void Session::send_or_close(Result<OutMessage> message, const std::string& request_id) {
  if (message) {
    largest_reply_ = std::max(largest_reply_, message->bytes());
    return connection_.send(std::move(*message));
  }
  const bool too_large = message.error().code == ErrorCode::kTooLarge;
  auto error = make_reply(error_body(message.error(), style_), too_large ? "" : request_id, style_);
  if (error) connection_.send(std::move(*error));
  if (too_large) connection_.close_when_sent();
}

}  // namespace npu::manager
