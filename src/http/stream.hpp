// Bodies that are written piece by piece: server-sent events, newline-delimited JSON.
//
//   co_return Response::streaming("text/event-stream", [=](StreamWriter& out) -> awaitable<void> {
//     while (auto piece = co_await next()) {
//       if (!co_await write_sse(out, {.data = *piece})) co_return;  // the client is gone
//     }
//   });
#pragma once

#include <functional>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/json/fwd.hpp>

#include <npu/result.hpp>

namespace npu::http {

using boost::asio::awaitable;

// Valid while the body function runs, on its executor.
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  // Sends bytes at once and completes when the kernel has taken them: a slow reader slows the
  // writer. Fails with kCancelled when the client is gone or reads nothing for too long. An empty
  // piece sends nothing.
  virtual awaitable<Status> write(std::string_view bytes) = 0;
};

// Runs after the head of the response was sent. Is cancelled when the client goes away or the
// request's deadline passes. An exception ends the connection, so that the client sees the
// truncation.
using StreamBody = std::function<awaitable<void>(StreamWriter&)>;

struct SseEvent {
  std::string_view event = {};  // one line; empty: none is sent
  std::string_view data = {};   // any text; line breaks are kept
  std::string_view id = {};
};

// One event of text/event-stream.
awaitable<Status> write_sse(StreamWriter& out, SseEvent event);
// A comment, which keeps proxies from closing a quiet stream.
awaitable<Status> write_sse_comment(StreamWriter& out, std::string_view text);
// One line of application/x-ndjson, compact.
awaitable<Status> write_ndjson(StreamWriter& out, const boost::json::value& value);

}  // namespace npu::http
