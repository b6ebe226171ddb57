// AsyncCore's side towards the manager: connecting, receiving, losing the connection.
#include <utility>
#include <vector>

#include "client/async_core.hpp"
#include "client/error_reply.hpp"

namespace npu::client {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxEvents = 4096;

}  // namespace

// ---- connecting ----

void AsyncCore::connect() {
  if (retry_armed_) return;
  auto socket = connect_now(socket_path_);
  if (!socket) return connect_failed(socket.error());
  auto watched = npu::watch(strand_, *socket);
  if (!watched) return connect_failed(watched.error());
  const auto weak = weak_from_this();
  link_ = std::make_shared<AsyncLink>(
      strand_, std::move(*watched), wire::FrameReader(options_.max_message_bytes, memory_),
      AsyncLink::Callbacks{.received =
                               [weak](wire::Buffer payload) {
                                 if (const auto self = weak.lock())
                                   self->received(std::move(payload));
                               },
                           .broken =
                               [weak](const Error& error, bool lost) {
                                 if (const auto self = weak.lock()) self->broken(error, lost);
                               }});
  session_.emplace(options_, memory_);
  link_->start();
  auto hello = !watcher_           ? session_->hello()
               : watches_requests_ ? session_->hello({"device", "model", "request"})
                                   : session_->hello({"device", "model"});
  if (hello) {
    greeting_ = true;
    link_->send(kGreeting, std::move(*hello));
  } else {
    pump();
  }
}

void AsyncCore::connect_failed(const Error& error) {
  const SteadyTime next = SteadyTime::clock::now() + backoff_.next();
  auto calls = std::exchange(waiting_, {});
  for (const auto& call : calls) {
    const bool worth_waiting = error.code == ErrorCode::kUnavailable && next <= call->patience;
    if (worth_waiting) {
      waiting_.push_back(call);
    } else {
      finish(call, fail(error));
    }
  }
  if (waiting_.empty() && !watcher_) return backoff_.reset();
  retry_armed_ = true;
  retry_timer_.expires_at(next);
  retry_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& failed) {
    if (failed) return;
    self->retry_armed_ = false;
    self->pump();
  });
}

// ---- receiving ----

void AsyncCore::received(wire::Buffer payload) {
  auto incoming = session_->decode(std::move(payload));
  if (!incoming) return broken(incoming.error(), false);
  if (greeting_) return greeted(*incoming);
  switch (incoming->kind) {
    case Incoming::Kind::kEvent: return event_came(std::move(*incoming));
    case Incoming::Kind::kReply: return reply_came(std::move(*incoming));
    case Incoming::Kind::kNotice: return tell(incoming->body);
    case Incoming::Kind::kOrphan: break;
  }
  const Error nameless{ErrorCode::kMalformed, "the manager's reply names no request"};
  // Which one of several requests it is about cannot be known.
  broken(error_in(incoming->body).value_or(nameless), on_wire_.size() > 1);
}

void AsyncCore::greeted(const Incoming& reply) {
  if (auto accepted = session_->accept_hello(reply.body); !accepted) {
    drop_link();
    connect_failed(accepted.error());
    return;
  }
  greeting_ = false;
  backoff_.reset();
  const json::object connected{{"event", "manager"},
                               {"state", "connected"},
                               {"server", session_->server().server},
                               {"events", session_->server().events}};
  pump();
  tell(connected);
}

void AsyncCore::event_came(Incoming event) {
  const auto found = on_wire_.find(event.id);
  if (found == on_wire_.end() || found->second.call == nullptr) return;
  const auto call = found->second.call;
  if (call->events.size() >= kMaxEvents) {
    end_early(call, ErrorCode::kOverloaded, "the events of the stream were not taken fast enough");
    return;
  }
  call->had_events = true;
  call->events.push_back(std::move(event.body.at("event").get_object()));
  if (call->deliver_next) begin_next(call);
}

void AsyncCore::reply_came(Incoming reply) {
  const auto found = on_wire_.find(reply.id);
  if (found == on_wire_.end()) return;
  const OnWire wire = std::move(found->second);
  on_wire_.erase(found);
  if (wire.region != nullptr) {
    registering_ = false;
    session_->region_answered(*wire.region, reply.body);
  } else if (wire.call != nullptr) {
    const auto& call = wire.call;
    if (auto error = error_in(reply.body)) {
      if (error->code == ErrorCode::kTooLarge && wire.output != nullptr) {
        call->stage = Call::Stage::kWaiting;
        call->prepared.reset();
        call->reserve = false;
        waiting_.push_front(call);
      } else {
        finish(call, fail(std::move(*error)));
      }
    } else if (call->request.input) {
      Reply done;
      auto result = session_->result_of(std::move(reply), wire.output);
      if (!result) {
        finish(call, fail(result.error()));
        return broken(result.error(), true);
      }
      done.infer = std::move(*result);
      sizes_.learn(*call->request.model, reserved_bytes(done.infer.tensors));
      finish(call, std::move(done));
    } else {
      finish(call, Reply{std::move(reply.body), {}, {}});
    }
  }
  pump();
}

// ---- losing the connection ----

void AsyncCore::drop_link() {
  for (const auto& [id, wire] : on_wire_) {
    if (wire.output != nullptr) arena_.retire(*wire.output->region());
  }
  on_wire_.clear();
  if (link_ != nullptr) link_->close();
  link_.reset();
  session_.reset();
  greeting_ = false;
  registering_ = false;
}

void AsyncCore::broken(const Error& error, bool lost) {
  if (greeting_) {
    drop_link();
    return connect_failed(error);
  }
  struct Owed {
    std::shared_ptr<Call> call;
    bool sent;
  };
  std::vector<Owed> owed;
  for (const auto& [id, wire] : on_wire_) {
    if (wire.call != nullptr) owed.push_back({wire.call, link_->sent(id)});
  }
  drop_link();
  for (const auto& call : waiting_) {
    call->prepared.reset();
    call->patience = from_now(options_.connect_patience);
  }
  for (auto it = owed.rbegin(); it != owed.rend(); ++it)
    settle_lost(it->call, error, lost, it->sent);
  if (waiting_.empty() && watcher_) {
    connect_failed(error);  // not at once: this manager may do so again
  } else {
    pump();
  }
  tell({{"event", "manager"}, {"state", "lost"}, {"reason", error.message}});
}

void AsyncCore::settle_lost(const std::shared_ptr<Call>& call, const Error& error, bool lost,
                            bool sent) {
  const bool harmless = !sent || call->request.repeatable();
  if (lost && harmless && !call->repeated && !call->had_events) {
    call->repeated = true;
    call->stage = Call::Stage::kWaiting;
    call->prepared.reset();
    call->patience = from_now(options_.connect_patience);
    waiting_.push_front(call);
  } else if (lost && !harmless) {
    finish(call, fail(ErrorCode::kDeviceLost, error.message + "; the request may have run"));
  } else {
    finish(call, fail(error));
  }
}

}  // namespace npu::client
