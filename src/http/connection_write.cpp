#include "http/connection.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include <sys/mman.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "http/connection_text.hpp"

namespace npu::http {
namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr std::size_t kWriteBytes = 256 << 10;
// A client has write_timeout to read so much.
constexpr std::size_t kPatientBytes = 4 << 20;
// Smaller bodies, errors among them, are not counted as unsent: even so many are no burden.
constexpr std::size_t kLargeBody = 1 << 20;
// glibc maps a larger block for itself and unmaps it when it is freed.
constexpr std::size_t kMappedBytes = 32 << 20;

// Gives the pages inside these bytes back to the system; what is in them is lost. Done piece by
// piece while a body is sent: a hundred megabytes at once keep the event loop for 30 ms.
void release_pages(std::string_view bytes) {
  static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data());
  const std::uintptr_t first = (begin + page - 1) / page * page;
  const std::uintptr_t end = (begin + bytes.size()) / page * page;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): rounded to pages
  if (end > first) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
}

}  // namespace

awaitable<void> Connection::respond(Response response, After after) {
  const std::size_t large = response.body.size() >= kLargeBody ? response.body.size() : 0;
  const std::size_t limit = core_->options.max_unsent_bytes;
  if (large > limit - std::min(limit, core_->unsent_bytes) && core_->unsent_bytes > 0) {
    response = failure(503, {ErrorCode::kOverloaded,
                             "too many large answers wait for their readers", Millis(1000)});
    co_return co_await send(std::move(response), after);
  }
  const Counted unsent(core_->unsent_bytes, large);
  co_await send(std::move(response), after);
}

awaitable<void> Connection::send(Response response, After after) {
  const std::string head = head_of(response, after);
  const bool with_body = method_ != Method::kHead;
  const auto use = response.body.size() > kMappedBytes ? BodyUse::kLast : BodyUse::kAgain;
  const bool sent = co_await write_bytes(head, with_body ? response.body : std::string_view{}, use);
  observe(sent ? response.status : kClientGone);
  if (!sent) {
    aborted_ = true;
    co_return;
  }
  if (after == After::kLinger) co_await linger();
}

awaitable<bool> Connection::write_bytes(std::string_view head, std::string_view body, BodyUse use) {
  std::size_t sent = 0;
  do {
    const auto piece = body.substr(sent, kWriteBytes);
    const std::array<asio::const_buffer, 2> parts{
        asio::buffer(sent == 0 ? head : std::string_view{}), asio::buffer(piece)};
    if (sent % kPatientBytes == 0) {
      wait_for(Waits::kTransfer);
      stream_.expires_after(core_->options.write_timeout);
    }
    const auto [error, bytes] = co_await asio::async_write(stream_, parts, kTuple);
    bytes_out_ += bytes;
    if (error) co_return false;
    if (use == BodyUse::kLast) release_pages(piece);
    sent += piece.size();
  } while (sent < body.size());
  stream_.expires_never();
  wait_for(Waits::kNothing);
  co_return true;
}

awaitable<Status> Connection::write(std::string_view bytes) {
  if (bytes.empty()) co_return Status{};
  std::string framed;
  std::string_view out = bytes;
  if (!http_1_0_) {
    std::array<char, 20> size;
    const auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
    framed.reserve(bytes.size() + 24);
    framed.append(size.data(), end).append("\r\n").append(bytes).append("\r\n");
    out = framed;
  }
  const bool sent = co_await write_bytes(out, {});
  if (!sent) co_return fail(ErrorCode::kCancelled, "the client is gone");
  co_return Status{};
}

// Reads what the client still sends, so that closing does not destroy the answer on its way.
awaitable<void> Connection::linger() {
  beast::error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(std::chrono::seconds(5));
  wait_for(Waits::kTransfer);
  buffer_.clear();
  for (;;) {
    const auto [error, bytes] =
        co_await stream_.async_read_some(buffer_.prepare(kReadBytes), kTuple);
    if (error) co_return;
  }
}

std::string Connection::head_of(const Response& response, After after) const {
  return response_head(
      response, {.id = id_, .http_1_0 = http_1_0_, .keep_alive = after == After::kKeepAlive});
}

Response Connection::failure(int status, const Error& error) const {
  return error_response(*core_->options.dialect, status, error);
}

void Connection::observe(int status) const {
  if (!core_->options.observe) return;
  core_->options.observe({.method = method_,
                          .route = route_ != nullptr ? std::string_view(route_->pattern) : "",
                          .target = target_,
                          .id = id_,
                          .peer = peer_,
                          .status = status,
                          .bytes_in = bytes_in_,
                          .bytes_out = bytes_out_,
                          .took = std::chrono::steady_clock::now() - begin_});
}

}  // namespace npu::http
