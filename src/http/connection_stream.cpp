#include "http/connection.hpp"

#include <sys/socket.h>

#include <boost/asio/use_awaitable.hpp>

#include "base/error_table.hpp"

namespace npu::http {

awaitable<bool> Connection::send_stream(Response response, bool keep_alive,
                                        SteadyTime first_piece) {
  deadline_.cancel();  // from here the stream keeps the times
  const ServerOptions& options = core_->options;
  const After after = keep_alive && !http_1_0_ ? After::kKeepAlive : After::kClose;
  const bool is_sse = response.stream_format == StreamFormat::kSse;
  const StreamTiming::Limits limits{
      .first_piece = first_piece,
      .idle = route_->options.stream_idle_timeout.value_or(options.stream_idle_timeout),
      .comment_after = is_sse ? options.sse_comment_after : Millis(0)};
  ResponseStream out(*this, socket_.get_executor(), head_of(response, after),
                     {.chunked = !http_1_0_, .limits = limits});
  const Status ended = co_await run_body(response.stream, out);
  end_watch();
  if (gone_ || aborted_ || out.broken()) {
    if (timed_out_) note_ = "it did not read";
    observe(kClientGone);
    co_return false;
  }
  if (ended) {
    const bool complete = co_await out.finish({});
    observe(complete ? response.status : kClientGone);
    co_return complete&& after == After::kKeepAlive;
  }
  const int status = http_status(ended.error().code);
  if (!out.begun()) {
    co_await respond(failure(status, ended.error()),
                     keep_alive ? After::kKeepAlive : After::kClose);
    co_return keep_alive && !aborted_;
  }
  note_ = "the stream failed: " + ended.error().message;
  const std::string last = stream_failure(*dialect_, response.stream_format, ended.error());
  const bool told = !last.empty() && co_await out.finish(last);
  observe(status);
  co_return told&& after == After::kKeepAlive;
}

awaitable<bool> Connection::send(std::string_view before, std::string_view piece,
                                 std::string_view after) {
  return write_bytes(before, piece, after);
}

std::size_t Connection::send_now(std::string_view bytes) {
  const auto sent =
      ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent <= 0) return 0;
  bytes_out_ += static_cast<std::size_t>(sent);
  return static_cast<std::size_t>(sent);
}

void Connection::late() {
  late_ = true;
  cancel_handler();
}

}  // namespace npu::http
