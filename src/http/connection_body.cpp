#include "http/connection.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/read.hpp>

#include <fmt/format.h>

#include "base/error_table.hpp"
#include "http/connection_text.hpp"
#include "http/work_pool.hpp"

namespace npu::http {
namespace bhttp = boost::beast::http;

awaitable<std::optional<Response>> Connection::read_body(std::size_t limit) {
  const ServerOptions& options = core_->options;
  const SteadyTime begin = std::chrono::steady_clock::now();
  MinimumRate rate(options.stall_timeout, options.min_transfer_rate, begin);
  std::size_t moved = 0;
  const auto too_large = [&] {
    return failure(413, {ErrorCode::kTooLarge, body_limit_text(limit)});
  };
  const auto broken = [&](const char* what) { return failure(400, {ErrorCode::kMalformed, what}); };
  parser_->body_limit(limit);
  begin_to_wait();
  while (!parser_->is_done()) {
    timed_out_ = false;
    io_deadline_.set(rate.until());
    const auto [error, bytes] = co_await bhttp::async_read_some(socket_, buffer_, *parser_, kTuple);
    bytes_in_ += bytes;
    if (error == bhttp::error::body_limit) co_return too_large();
    if (error == boost::system::errc::not_enough_memory) {
      co_return overloaded("not enough memory for this request");
    }
    if (error && timed_out_) co_return too_slow(begin);
    if (error == bhttp::error::partial_message) {
      note_ = fmt::format("the body ended after {} bytes", bytes_in_);
      co_return broken("the request body is truncated");
    }
    if (error) {
      const bool framing =
          error.category() == bhttp::make_error_code(bhttp::error::bad_chunk).category();
      if (framing) co_return broken("the body's framing is broken");
      if (aborted_) note_ = "it was slow and gave way to others";
      Response gone;
      gone.status = kClientGone;
      co_return gone;
    }
    rate.moved(bytes, std::chrono::steady_clock::now());
    const SteadyTime came = std::chrono::steady_clock::now();
    if (const Status taken = co_await intake_.arrived(parser_->get().body()); !taken) {
      co_return not_taken(taken.error());
    }
    rate.paused(std::chrono::steady_clock::now() - came);
    if (moved += bytes; moved >= kSteadyBytes) {
      moved = 0;
      begin_to_wait();  // behind those that move less
    }
  }
  io_deadline_.clear();
  co_return std::nullopt;
}

Response Connection::too_slow(SteadyTime begin) {
  const auto& options = core_->options;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  note_ = fmt::format("{} bytes of the body came in {:.1f} s", bytes_in_, took.count());
  return failure(408, {ErrorCode::kDeadlineExceeded,
                       fmt::format("the request body came too slowly: at least {} bytes a second "
                                   "and no pause of {} s",
                                   options.min_transfer_rate,
                                   std::chrono::duration<double>(options.stall_timeout).count())});
}

Response Connection::not_taken(const Error& error) const {
  constexpr int kInsufficientStorage = 507;
  const bool full = error.code == ErrorCode::kDoesNotFit;
  return failure(full ? kInsufficientStorage : http_status(error.code), error);
}

awaitable<bool> Connection::discard_small_body() {
  if (parser_->is_done()) co_return true;
  const auto length = parser_->content_length();
  if (length && *length > kSmallBody) co_return false;
  const auto refused = co_await read_body(kSmallBody);
  intake_.drop();
  co_return !refused;
}

awaitable<Status> Connection::take_body(Request& request, std::size_t limit) {
  auto body = co_await intake_.finish(std::move(parser_->get().body()));
  if (!body) co_return fail(body.error());
  request.body = std::move(*body);
  const Coding coding = content_coding(request.headers).value_or(Coding::kIdentity);
  if (coding == Coding::kIdentity) co_return Status{};
  co_return co_await inflate(request, coding, limit);
}

awaitable<Status> Connection::inflate(Request& request, Coding coding, std::size_t limit) {
  Result<Body> inflated = fail(ErrorCode::kInternal, "");
  const auto work = [&] {
    inflated = inflate_body(coding, request.body, limit, core_->options.spool);
    request.body = Body();
  };
  if (core_->options.pool != nullptr) {
    const Status ran = co_await core_->options.pool->run(work, request.turn());
    if (!ran) co_return ran;
  } else {
    work();
  }
  if (!inflated) co_return fail(inflated.error());
  if (const Status held = intake_.hold(inflated->size()); !held) co_return held;
  request.body = std::move(*inflated);
  request.headers.remove("Content-Encoding");
  co_return Status{};
}

}  // namespace npu::http
