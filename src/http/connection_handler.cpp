#include "http/connection.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"

namespace npu::http {
namespace asio = boost::asio;
namespace beast = boost::beast;

template <class T>
awaitable<T> Connection::cancellable(awaitable<T> work) {
  co_return co_await asio::co_spawn(
      socket_.get_executor(), std::move(work),
      asio::bind_cancellation_slot(cancel_handler_.slot(), asio::use_awaitable));
}

std::optional<Error> Connection::cut_short() const {
  if (gone_ || aborted_) return Error{ErrorCode::kCancelled, "the client is gone"};
  if (late_) {
    return Error{ErrorCode::kDeadlineExceeded, "the request took longer than this service allows"};
  }
  return std::nullopt;
}

awaitable<Result<Response>> Connection::call(const Handler& handler, Request request) {
  std::string what;
  try {
    auto result = co_await cancellable(handler(std::move(request)));
    // What the handler waited for knows only that it was stopped, not why.
    if (!result && result.error().code == ErrorCode::kCancelled) {
      if (auto why = cut_short()) co_return fail(std::move(*why));
    }
    co_return result;
  } catch (const std::bad_alloc&) {
    log::error({.request = id_}, "req={} not enough memory for {}", id_, target_);
    co_return fail(ErrorCode::kOverloaded, "not enough memory for this request", Millis(1000));
  } catch (const std::exception& error) {
    what = error.what();
  }
  if (auto why = cut_short()) co_return fail(std::move(*why));
  log::error({.request = id_}, "req={} handler of {} threw: {}", id_, target_, what);
  co_return fail(ErrorCode::kInternal, "internal error");
}

awaitable<Status> Connection::run_body(StreamBody& body, StreamWriter& out) {
  Status ended;
  try {
    ended = co_await cancellable(body(out));
  } catch (const std::bad_alloc&) {
    ended = fail(ErrorCode::kOverloaded, "not enough memory for this request", Millis(1000));
  } catch (const std::exception& error) {
    ended = fail(ErrorCode::kInternal, "internal error");
    if (!cut_short())
      log::error({.request = id_}, "req={} stream of {} threw: {}", id_, target_, error.what());
  }
  // Whatever a body that was stopped says, it is not complete.
  if (auto why = cut_short()) co_return fail(std::move(*why));
  co_return ended;
}

void Connection::begin_deadline(SteadyTime deadline) {
  gone_ = late_ = false;
  stop_ = std::stop_source();
  watching_ = true;
  const unsigned watch = ++watch_;
  deadline_.expires_at(deadline);
  deadline_.async_wait([self = shared_from_this(), watch](beast::error_code error) {
    if (error || watch != self->watch_ || !self->watching_) return;
    self->late_ = true;
    self->cancel_handler();
  });
}

void Connection::begin_watch(Millis timeout) {
  watched_since_ = std::chrono::steady_clock::now();
  begin_deadline(watched_since_ + timeout);
  DepartureWatch::Listener& self = *this;
  departure_.emplace(core_->departures, socket_.native_handle(), self);
}

// An end that comes with the request is that of a client which sends no more and reads on; one that
// comes later is that of a client which has left (docs/adr/0037).
void Connection::left(DepartureWatch::Departure how) {
  const auto watched = std::chrono::steady_clock::now() - watched_since_;
  const bool reads_on =
      how == DepartureWatch::Departure::kHalfClosed && watched <= core_->options.half_close_within;
  if (reads_on) return;
  gone_ = true;
  cancel_handler();
}

void Connection::end_watch() {
  watching_ = false;
  deadline_.cancel();
  departure_.reset();
}

void Connection::cancel_handler() {
  stop_.request_stop();
  cancel_handler_.emit(asio::cancellation_type::terminal);
}

}  // namespace npu::http
