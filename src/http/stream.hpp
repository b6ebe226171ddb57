// Bodies that are written piece by piece: server-sent events, newline-delimited JSON, bytes.
//
//   auto stream = co_await device.infer_stream(model, input, options);
//   if (!stream) co_return fail(stream.error());          // still answered with its own status
//   co_return Response::sse([stream = std::move(*stream)](StreamWriter& out) mutable
//                           -> awaitable<Status> {
//     for (;;) {
//       auto piece = co_await stream.next();
//       if (!piece) co_return fail(piece.error());        // told the client in its dialect
//       if (!*piece) co_return Status{};
//       const SseEvent event{.data = text_of(**piece)};
//       if (auto sent = co_await write_sse(out, event); !sent) co_return sent;
//     }
//   });
//
// The head of the response goes with the first piece. A body that fails before is answered like
// every failed request, with the status of its error; one that fails later ends in what its format
// and the route's dialect have for that (http/dialect.hpp), and counts under that status in metrics
// and logs although the client has seen 200.
//
// Times, in place of one for the whole stream: the request's deadline is for the first piece, and
// between two pieces there may be ServerOptions::stream_idle_timeout; what is over them is
// cancelled and fails with kDeadlineExceeded. A stream of events that has been quiet for a while is
// sent a comment, with the head if need be, so that proxies keep it open.
#pragma once

#include <concepts>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/json/fwd.hpp>

#include <npu/result.hpp>

namespace npu::http {

using boost::asio::awaitable;

// What a piece is made of: says how a failure is told, and whether quiet can be filled.
enum class StreamFormat {
  kBytes,   // failure: the body is truncated, which HTTP/1.1 shows
  kSse,     // whole events of text/event-stream in each piece
  kNdjson,  // whole lines of application/x-ndjson in each piece
};

// Valid while the body runs, on its executor; one call at a time.
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  // Sends a piece at once and completes when the kernel has taken it: a slow reader slows the
  // writer. Fails with kCancelled when the client is gone or reads nothing for too long, or the
  // body is late: it has to end then. An empty piece sends the head only, for a client that wants
  // to see the stream open before there is anything in it.
  virtual awaitable<Status> write(std::string_view bytes) = 0;
};

// What writes a body: awaitable<Status>(StreamWriter&), called once. Owns what it needs and need
// not be copyable; it lives until its coroutine has ended. Is cancelled when the client goes away
// or a time is over. An exception counts as kInternal, and its text is only logged.
class StreamBody {
 public:
  StreamBody() = default;
  template <class Function>
    requires std::is_invocable_r_v<awaitable<Status>, Function&, StreamWriter&>
  StreamBody(Function function)  // NOLINT(google-explicit-constructor): as std::function
      : function_(std::make_unique<Holder<Function>>(std::move(function))) {}

  explicit operator bool() const { return function_ != nullptr; }
  awaitable<Status> operator()(StreamWriter& out) { return function_->call(out); }

 private:
  struct Callable {
    virtual ~Callable() = default;
    virtual awaitable<Status> call(StreamWriter& out) = 0;
  };
  template <class Function>
  struct Holder final : Callable {
    explicit Holder(Function f) : function(std::move(f)) {}
    awaitable<Status> call(StreamWriter& out) override { return function(out); }
    Function function;
  };

  std::unique_ptr<Callable> function_;
};

struct SseEvent {
  std::string_view event = {};  // one line; empty: none is sent
  std::string_view data = {};   // any text; line breaks are kept
  std::string_view id = {};
};

// One event of text/event-stream, its empty line included.
std::string sse_text(const SseEvent& event);

awaitable<Status> write_sse(StreamWriter& out, SseEvent event);
// One line of application/x-ndjson, compact.
awaitable<Status> write_ndjson(StreamWriter& out, const boost::json::value& value);

}  // namespace npu::http
