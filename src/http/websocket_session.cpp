#include "http/websocket_session.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "base/error_table.hpp"
#include "base/utf8.hpp"
#include "http/server_core.hpp"

namespace npu::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

namespace {

// A close frame has no room for more (RFC 6455, 5.5).
constexpr std::size_t kLongestReason = 123;
// Beast asks for room for the next piece before it knows that there is none.
constexpr std::size_t kReadAhead = 64 << 10;

// Of memory between messages; what a larger one took is given back.
constexpr std::size_t kKeptBuffer = 256 << 10;

// A message is held in pieces of memory of its own: many small ones are no small burden.
constexpr std::size_t kMessageCost = 128;
// Larger messages are sent in fragments, each of which has to move.
constexpr std::size_t kFragmentBytes = 256 << 10;

std::size_t cost_of(const WebSocketMessage& message) { return message.data.size() + kMessageCost; }

Error gone_error() { return {ErrorCode::kCancelled, "the client is gone"}; }

// Linux delays what it acknowledges on a connection that answers, by up to 40 ms; a client on the
// same machine waits for it in the middle of a message. Holds until something is sent.
void acknowledge_at_once(asio::ip::tcp::socket& socket) {
  const int on = 1;
  (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

// Cut between two characters.
std::string short_reason(std::string_view reason) {
  std::size_t size = std::min(reason.size(), kLongestReason);
  const auto continues = [&](std::size_t at) {
    return at < reason.size() && (static_cast<unsigned char>(reason[at]) & 0xC0) == 0x80;
  };
  while (size > 0 && continues(size)) --size;
  return valid_utf8(reason.substr(0, size)).substr(0, kLongestReason);
}

}  // namespace

std::uint16_t close_code(ErrorCode code) {
  if (code == ErrorCode::kDeadlineExceeded) return websocket::close_code::policy_error;
  if (code == ErrorCode::kTooLarge) return websocket::close_code::too_big;
  const int status = http_status(code);
  if (status == 503 || status == 429) return websocket::close_code::try_again_later;
  return status < 500 ? websocket::close_code::policy_error : websocket::close_code::internal_error;
}

WebSocketSession::WebSocketSession(asio::ip::tcp::socket& socket, WebSocketLimits limits,
                                   BodyIntake& intake, std::function<void()> gone)
    : socket_(socket),
      stream_(socket),
      limits_(limits),
      intake_(intake),
      gone_(std::move(gone)),
      reading_(socket.get_executor(), [this] { beast::close_socket(socket_); }),
      writing_(socket.get_executor(), [this] { beast::close_socket(socket_); }),
      buffer_(limits.max_message + kReadAhead),
      arrived_(socket.get_executor()),
      taken_(socket.get_executor()),
      close_ended_(socket.get_executor()) {
  stream_.read_message_max(limits.max_message);
  stream_.auto_fragment(false);
  stream_.set_option(websocket::stream_base::timeout{.handshake_timeout = limits.handshake,
                                                     .idle_timeout = limits.idle,
                                                     .keep_alive_pings = true});
}

awaitable<bool> WebSocketSession::accept(const UpgradeRequest& request, std::string request_id) {
  stream_.set_option(websocket::stream_base::decorator(
      [id = std::move(request_id)](websocket::response_type& response) {
        response.set("X-Request-Id", id);
        response.erase(beast::http::field::server);
      }));
  const auto [error] = co_await stream_.async_accept(request, kTuple);
  co_return !error;
}

MinimumRate WebSocketSession::begin_transfer() const {
  return {limits_.stall, limits_.min_rate, std::chrono::steady_clock::now()};
}

awaitable<void> WebSocketSession::wait(asio::steady_timer& until_cancelled) {
  until_cancelled.expires_at(SteadyTime::max());
  (void)co_await until_cancelled.async_wait(kTuple);
}

awaitable<void> WebSocketSession::read_all() {
  for (;;) {
    WebSocketMessage message;
    if (!co_await read_one(message)) break;
    inbox_bytes_ += cost_of(message);
    inbox_.push_back(std::move(message));
    arrived_.cancel();
    while (!ended_ && inbox_bytes_ >= limits_.max_message) co_await wait(taken_);
    if (ended_) co_return;
  }
  ended_ = true;
  arrived_.cancel();
  if (!receiving_) gone_();
}

awaitable<bool> WebSocketSession::read_one(WebSocketMessage& message) {
  buffer_.clear();
  std::optional<MinimumRate> rate;
  do {
    const auto [error, bytes] = co_await stream_.async_read_some(buffer_, 0, kTuple);
    if (error) co_return false;
    bytes_in_ += bytes;
    // Between messages a client may be silent, within one it has to go on.
    if (!rate) {
      rate = begin_transfer();
      acknowledge_at_once(socket_);
    }
    rate->moved(bytes, std::chrono::steady_clock::now());
    reading_.set(rate->until());
    if (!intake_.hold(inbox_bytes_ + buffer_.size())) {
      reading_.clear();
      co_await close(websocket::close_code::try_again_later, "too many uploads at once");
      co_return false;
    }
  } while (!stream_.is_message_done());
  reading_.clear();
  const auto data = buffer_.cdata();
  message.data.assign(static_cast<const char*>(data.data()), data.size());
  message.binary = stream_.got_binary();
  if (buffer_.capacity() > kKeptBuffer) {
    buffer_.clear();
    buffer_.shrink_to_fit();
  }
  co_return true;
}

awaitable<Result<WebSocketMessage>> WebSocketSession::receive() {
  receiving_ = true;
  while (inbox_.empty() && !ended_ && !draining_) co_await wait(arrived_);
  receiving_ = false;
  if (inbox_.empty()) co_return fail(gone_error());
  WebSocketMessage message = std::move(inbox_.front());
  inbox_.pop_front();
  inbox_bytes_ -= cost_of(message);
  taken_.cancel();
  co_return message;
}

awaitable<Status> WebSocketSession::send_text(std::string_view text) {
  co_return co_await send(text, false);
}

awaitable<Status> WebSocketSession::send_binary(std::string_view bytes) {
  co_return co_await send(bytes, true);
}

awaitable<Status> WebSocketSession::send(std::string_view bytes, bool binary) {
  if (ended_) co_return fail(gone_error());
  stream_.binary(binary);
  MinimumRate rate = begin_transfer();
  bool complete = false;
  for (bool last = false; !last;) {
    const auto piece = bytes.substr(0, kFragmentBytes);
    bytes.remove_prefix(piece.size());
    last = bytes.empty();
    writing_.set(rate.until());
    const auto [error, sent] = co_await stream_.async_write_some(last, asio::buffer(piece), kTuple);
    bytes_out_ += sent;
    if (error) break;
    rate.moved(sent, std::chrono::steady_clock::now());
    complete = last;
  }
  writing_.clear();
  if (!complete) co_return fail(gone_error());
  co_return Status{};
}

awaitable<void> WebSocketSession::close(std::uint16_t code, std::string_view reason) {
  // Beast closes once only, and the reader and the handler may both have a reason.
  if (std::exchange(closing_, true)) {
    while (!closed_) co_await wait(close_ended_);
    co_return;
  }
  ended_ = true;
  taken_.cancel();
  arrived_.cancel();
  const std::string text = short_reason(reason);
  websocket::close_reason why(static_cast<websocket::close_code>(code), text);
  (void)co_await stream_.async_close(why, kTuple);
  closed_ = true;
  close_ended_.cancel();
}

void WebSocketSession::drain() {
  draining_ = true;
  arrived_.cancel();
}

}  // namespace npu::http
