#include "http/response_stream.hpp"

#include <utility>

#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/chunk_encode.hpp>

namespace npu::http {
namespace beast = boost::beast;

namespace {

constexpr std::string_view kKeepAlive = ": keep-alive\n\n";

// "1f\r\n"
std::string chunk_begin(std::size_t size) {
  return beast::buffers_to_string(beast::http::chunk_header(size));
}
constexpr std::string_view kChunkEnd = "\r\n";

}  // namespace

ResponseStream::ResponseStream(Link& link, const boost::asio::any_io_executor& executor,
                               std::string head, const Options& options)
    : link_(link),
      chunked_(options.chunked),
      ahead_(std::move(head)),
      timing_(options.limits, std::chrono::steady_clock::now()),
      timer_(executor, [this] { on_time(); }) {
  timer_.set(timing_.next());
}

awaitable<Status> ResponseStream::write(std::string_view bytes) {
  if (broken_) co_return fail(ErrorCode::kCancelled, "the client is gone");
  if (bytes.empty() && begun_) co_return Status{};
  std::string before = std::exchange(ahead_, {});
  const bool framed = chunked_ && !bytes.empty();
  if (framed) before += chunk_begin(bytes.size());
  begun_ = true;
  timing_.begin_piece();
  broken_ = !co_await link_.send(before, bytes, framed ? kChunkEnd : std::string_view{});
  if (broken_) co_return fail(ErrorCode::kCancelled, "the client is gone");
  const auto now = std::chrono::steady_clock::now();
  if (bytes.empty()) {
    timing_.sent_aside(now);
  } else {
    timing_.end_piece(now);
  }
  timer_.set(timing_.next());
  co_return Status{};
}

awaitable<bool> ResponseStream::finish(std::string_view piece) {
  timing_.begin_piece();
  std::string before = std::exchange(ahead_, {});
  std::string after;
  if (chunked_ && !piece.empty()) {
    before += chunk_begin(piece.size());
    after = kChunkEnd;
  }
  if (chunked_) after += beast::buffers_to_string(beast::http::make_chunk_last());
  begun_ = true;
  co_return co_await link_.send(before, piece, after);
}

void ResponseStream::on_time() {
  const auto now = std::chrono::steady_clock::now();
  switch (timing_.due(now)) {
    case StreamTiming::Due::kLate: return link_.late();
    case StreamTiming::Due::kComment:
      comment();
      timing_.sent_aside(now);
      break;
    case StreamTiming::Due::kNothing: break;
  }
  timer_.set(timing_.next());
}

// Never waits: where the kernel takes nothing the client is behind and needs no comment.
void ResponseStream::comment() {
  const std::size_t old = ahead_.size();
  if (old == 0 || !begun_) {
    if (chunked_) ahead_ += chunk_begin(kKeepAlive.size());
    ahead_ += kKeepAlive;
    if (chunked_) ahead_ += kChunkEnd;
  }
  const std::size_t sent = link_.send_now(ahead_);
  if (sent == 0) {
    ahead_.resize(old);
    return;
  }
  begun_ = true;
  ahead_.erase(0, sent);
}

}  // namespace npu::http
