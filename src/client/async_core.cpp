#include "client/async_core.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "client/deliver.hpp"

namespace npu::client {
namespace asio = boost::asio;
namespace json = boost::json;
namespace {

const Error kClosed{ErrorCode::kCancelled, "the client was closed"};

auto canceller(const std::shared_ptr<AsyncCore>& core, const std::shared_ptr<Call>& call) {
  return [core = std::weak_ptr(core), call = std::weak_ptr(call)] {
    const auto alive = core.lock();
    if (alive == nullptr) return;
    asio::post(alive->strand(), [alive, call] {
      if (const auto pending = call.lock()) alive->cancel(pending);
    });
  };
}

// Hands the handler to `begin` on the core's strand; without a core it is answered with kCancelled.
template <class Value, class Handler, class Begin>
void initiate(Handler handler, const std::weak_ptr<AsyncCore>& weak, std::shared_ptr<Call> call,
              Begin begin) {
  const auto core = weak.lock();
  if (core == nullptr) {
    const auto executor = asio::get_associated_executor(handler);
    asio::post(executor,
               [handler = std::move(handler)]() mutable { handler(Value(fail(kClosed))); });
    return;
  }
  auto deliver = deliver_to<Value>(std::move(handler), core->strand(), canceller(core, call));
  asio::dispatch(core->strand(), [core, call = std::move(call), deliver = std::move(deliver),
                                  begin]() mutable { begin(*core, call, std::move(deliver)); });
}

}  // namespace

AsyncCore::AsyncCore(const asio::any_io_executor& executor, ClientOptions options)
    : options_(std::move(options)),
      socket_path_(socket_path_of(options_)),
      strand_(asio::make_strand(executor)),
      arena_(options_.max_shared_bytes),
      retry_timer_(strand_) {}

AsyncCore::~AsyncCore() {
  for (const auto& call : all_calls()) {
    const auto waiting = std::exchange(call->deliver, nullptr);
    const auto waiting_next = std::exchange(call->deliver_next, nullptr);
  }
}

std::deque<std::shared_ptr<Call>> AsyncCore::all_calls() const {
  auto calls = waiting_;
  for (const auto& [id, wire] : on_wire_) {
    if (wire.call != nullptr) calls.push_back(wire.call);
  }
  return calls;
}

asio::awaitable<Result<Reply>> AsyncCore::run(std::weak_ptr<AsyncCore> core,
                                              std::shared_ptr<Call> call) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Reply>)>(
      [core = std::move(core), call = std::move(call)](auto handler) mutable {
        initiate<Result<Reply>>(
            std::move(handler), core, std::move(call),
            [](AsyncCore& self, const std::shared_ptr<Call>& begun, auto deliver) {
              begun->deliver = std::move(deliver);
              self.begin(begun);
            });
      },
      asio::use_awaitable);
}

asio::awaitable<Result<std::optional<json::object>>> AsyncCore::next(std::weak_ptr<AsyncCore> core,
                                                                     std::shared_ptr<Call> call) {
  using Value = Result<std::optional<json::object>>;
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Value)>(
      [core = std::move(core), call = std::move(call)](auto handler) mutable {
        initiate<Value>(std::move(handler), core, std::move(call),
                        [](AsyncCore& self, const std::shared_ptr<Call>& begun, auto deliver) {
                          begun->deliver_next = std::move(deliver);
                          self.begin_next(begun);
                        });
      },
      asio::use_awaitable);
}

// ---- calls ----

void AsyncCore::begin(const std::shared_ptr<Call>& call) {
  call->deadline = from_now(call->request.options.timeout.value_or(options_.timeout));
  call->patience = from_now(options_.connect_patience);
  call->timer.emplace(strand_, call->deadline);
  call->timer->async_wait(
      [self = shared_from_this(), call](const boost::system::error_code& error) {
        if (!error) self->end_early(call, ErrorCode::kDeadlineExceeded, "Request timeout");
      });
  waiting_.push_back(call);
  pump();
}

void AsyncCore::begin_next(const std::shared_ptr<Call>& call) {
  const auto deliver = [&](Result<std::optional<json::object>> what) {
    std::exchange(call->deliver_next, nullptr)(std::move(what));
  };
  if (!call->events.empty()) {
    json::object event = std::move(call->events.front());
    call->events.pop_front();
    deliver(std::move(event));
  } else if (call->end) {
    if (*call->end) {
      deliver(std::nullopt);
    } else {
      deliver(fail(call->end->error()));
    }
  }
}

void AsyncCore::cancel(const std::shared_ptr<Call>& call) {
  end_early(call, ErrorCode::kCancelled, "cancelled");
}

void AsyncCore::end_early(const std::shared_ptr<Call>& call, ErrorCode why,
                          const std::string& message) {
  if (call->stage == Call::Stage::kDone) return;
  const bool on_wire = call->stage == Call::Stage::kOnWire;
  std::erase(waiting_, call);
  finish(call, fail(why, message));
  if (!on_wire) {
    if (greeting_ && waiting_.empty()) drop_link();  // it may never answer
    return;
  }
  on_wire_.at(call->id).call = nullptr;
  if (link_->withdraw(call->id)) {
    on_wire_.erase(call->id);
  } else if (session_->server().cancel) {
    const std::uint64_t id = next_id_++;
    on_wire_[id] = {};
    link_->send(id, session_->cancel(id, call->id));
  } else if (!session_->server().pipeline) {
    broken({ErrorCode::kUnavailable, message}, true);
  }
}

void AsyncCore::finish(const std::shared_ptr<Call>& call, Result<Reply> result) {
  call->stage = Call::Stage::kDone;
  call->prepared.reset();
  if (call->timer) call->timer->cancel();
  if (call->deliver) {
    std::exchange(call->deliver, nullptr)(std::move(result));
    return;
  }
  call->end = std::move(result);
  if (call->deliver_next) begin_next(call);
}

void AsyncCore::watch(EventHook hook, bool requests) {
  watcher_ = std::move(hook);
  watches_requests_ = requests;
  pump();
}

void AsyncCore::tell(const json::object& event) {
  if (const EventHook hook = watcher_) hook(event);
}

void AsyncCore::close() {
  watcher_ = nullptr;
  const auto calls = all_calls();
  waiting_.clear();
  drop_link();
  retry_timer_.cancel();
  retry_armed_ = false;
  for (const auto& call : calls) finish(call, fail(kClosed));
}

// ---- sending ----

std::size_t AsyncCore::max_on_wire() const {
  const std::size_t granted = session_->server().max_in_flight;
  return granted > 1 ? granted - 1 : 1;  // one place stays free for a cancel
}

void AsyncCore::pump() {
  if (link_ == nullptr && (watcher_ || !waiting_.empty())) return connect();
  while (!waiting_.empty() && !greeting_ && !registering_ && on_wire_.size() < max_on_wire()) {
    const auto call = waiting_.front();
    if (!submit(call)) return;
  }
}

// False where the call has to wait for the registration of a region.
bool AsyncCore::submit(const std::shared_ptr<Call>& call) {
  const Request& request = call->request;
  const auto refuse = [&](Result<Reply> answer) {
    waiting_.pop_front();
    finish(call, std::move(answer));
    return true;
  };
  if (request.action == "connect") return refuse(Reply{{}, {}, session_->server()});
  if (request.stream && !session_->server().stream) {
    return refuse(fail(ErrorCode::kUnsupported, "this device manager does not stream"));
  }
  if (!call->prepared) {
    std::size_t output_bytes = 0;
    if (request.input && call->reserve) {
      output_bytes = request.options.output_bytes.value_or(sizes_.expected(*request.model));
    }
    call->prepared = session_->prepare(request, arena_, output_bytes);
  }
  const std::uint64_t id = next_id_++;
  if (auto region = session_->unregistered(*call->prepared)) {
    registering_ = true;
    link_->send(id, session_->register_region(id, *region));
    on_wire_[id] = {nullptr, nullptr, std::move(region)};
    return false;
  }
  auto frame =
      session_->encode(request, *call->prepared, id, SteadyTime::clock::now(), call->deadline);
  if (!frame) return refuse(fail(std::move(frame.error())));
  waiting_.pop_front();
  call->id = id;
  call->stage = Call::Stage::kOnWire;
  on_wire_[id] = {call, call->prepared->output, nullptr};
  link_->send(id, std::move(*frame));
  if (request.stream && call->deliver) std::exchange(call->deliver, nullptr)(Reply{});
  return true;
}

}  // namespace npu::client
