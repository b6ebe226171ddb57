#include "client/blocking_core.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "client/connect.hpp"
#include "client/error_reply.hpp"

namespace npu::client {
namespace {

Error ended_early(const Limits& limits) {
  if (limits.stop.stop_requested()) return {ErrorCode::kCancelled, "cancelled"};
  return {ErrorCode::kDeadlineExceeded, "Request timeout"};
}

// Sleeps until then; false if it was stopped.
bool sleep_until(SteadyTime until, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_until(lock, stop, until, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

BlockingCore::BlockingCore(ClientOptions options)
    : options_(std::move(options)),
      socket_path_(socket_path_of(options_)),
      arena_(options_.max_shared_bytes) {}

BlockingCore::Turn::~Turn() {
  if (core_ == nullptr) return;
  {
    const std::lock_guard lock(core_->mutex_);
    core_->taken_ = false;
  }
  core_->turned_.notify_one();
}

Result<BlockingCore::Turn> BlockingCore::take_turn(const Limits& limits) {
  std::unique_lock lock(mutex_);
  const auto free = [&] { return !taken_; };
  if (!turned_.wait_until(lock, limits.stop, limits.deadline, free) ||
      limits.stop.stop_requested()) {
    return fail(ended_early(limits));
  }
  taken_ = true;
  return Turn(*this);
}

Limits BlockingCore::limits_of(const CallOptions& options) const {
  return {from_now(options.timeout.value_or(options_.timeout)), options.stop};
}

Status BlockingCore::ensure_connected(const Limits& limits) {
  if (link_ != nullptr && link_->open()) return {};
  link_.reset();
  const SteadyTime patience = from_now(options_.connect_patience);
  Backoff backoff;
  for (;;) {
    Error error;
    auto socket = connect_now(socket_path_);
    if (socket) {
      auto link = std::make_unique<BlockingLink>(std::move(*socket), options_, arena_, memory_);
      auto failure = link->greet(limits);
      if (!failure) {
        link_ = std::move(link);
        return {};
      }
      if (!failure->lost) return fail(std::move(failure->error));
      error = std::move(failure->error);
    } else {
      error = std::move(socket.error());
    }
    if (error.code != ErrorCode::kUnavailable) return fail(std::move(error));
    const SteadyTime next = SteadyTime::clock::now() + backoff.next();
    if (next > patience || next > limits.deadline) return fail(std::move(error));
    if (!sleep_until(next, limits.stop)) return fail(ended_early(limits));
  }
}

Result<ServerInfo> BlockingCore::connect(const CallOptions& options) {
  const Limits limits = limits_of(options);
  auto turn = take_turn(limits);
  if (!turn) return fail(turn.error());
  if (auto ready = ensure_connected(limits); !ready) return fail(ready.error());
  return link_->session().server();
}

void BlockingCore::close() {
  auto turn = take_turn({SteadyTime::max(), {}});
  if (turn) link_.reset();
}

std::variant<BlockingCore::Answer, BlockingCore::Failure> BlockingCore::attempt(
    const Request& request, std::size_t output_bytes, const Limits& limits,
    const BlockingLink::OnEvent& on_event) {
  Session& session = link_->session();
  if (request.stream && !session.server().stream) {
    return Failure{{ErrorCode::kUnsupported, "this device manager does not stream"}};
  }
  const Prepared prepared = session.prepare(request, arena_, output_bytes);
  while (const auto region = session.unregistered(prepared)) {
    const auto id = link_->next_id();
    auto answer = link_->exchange(session.register_region(id, *region), id, limits);
    if (auto* failure = std::get_if<Failure>(&answer)) {
      failure->sent = false;  // the request itself was not
      return std::move(*failure);
    }
    session.region_answered(*region, std::get<Incoming>(answer).body);
  }
  const auto id = link_->next_id();
  auto frame = session.encode(request, prepared, id, SteadyTime::clock::now(), limits.deadline);
  if (!frame) return Failure{std::move(frame.error())};
  auto answer = link_->exchange(std::move(*frame), id, limits, on_event, prepared.output);
  if (auto* failure = std::get_if<Failure>(&answer)) return std::move(*failure);
  return Answer{std::move(std::get<Incoming>(answer)), prepared.output};
}

Result<Reply> BlockingCore::finish(const Request& request, Answer answer) {
  Reply reply;
  if (request.input) {
    auto result = link_->session().result_of(std::move(answer.reply), answer.output);
    if (!result) {
      link_.reset();
      return fail(std::move(result.error()));
    }
    reply.infer = std::move(*result);
    sizes_.learn(*request.model, reserved_bytes(reply.infer.tensors));
  } else {
    reply.body = std::move(answer.reply.body);
  }
  return reply;
}

Result<Reply> BlockingCore::run(const Request& request, const BlockingLink::OnEvent& on_event) {
  const Limits limits = limits_of(request.options);
  auto turn = take_turn(limits);
  if (!turn) return fail(turn.error());
  std::size_t output_bytes = 0;
  if (request.input) {
    output_bytes = request.options.output_bytes.value_or(sizes_.expected(*request.model));
  }
  bool repeated = false;
  for (;;) {
    if (auto ready = ensure_connected(limits); !ready) return fail(ready.error());
    auto outcome = attempt(request, output_bytes, limits, on_event);
    if (auto* failure = std::get_if<Failure>(&outcome)) {
      if (failure->lost && !repeated && (!failure->sent || request.repeatable())) {
        repeated = true;
        continue;
      }
      if (failure->lost && failure->sent && !request.repeatable()) {
        return fail(ErrorCode::kDeviceLost, failure->error.message + "; the request may have run");
      }
      return fail(std::move(failure->error));
    }
    auto& answer = std::get<Answer>(outcome);
    if (auto error = error_in(answer.reply.body)) {
      if (error->code == ErrorCode::kTooLarge && answer.output != nullptr) {
        output_bytes = 0;
        continue;
      }
      return fail(std::move(*error));
    }
    return finish(request, std::move(answer));
  }
}

}  // namespace npu::client
