#include "http/connection.hpp"

#include <array>
#include <cstdint>

#include <sys/mman.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/connection_text.hpp"

namespace npu::http {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kWriteBytes = 256 << 10;
// Smaller bodies, errors among them, are not counted as unsent: even so many are no burden.
constexpr std::size_t kLargeBody = 1 << 20;
constexpr Millis kLinger = std::chrono::seconds(5);
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

std::string_view take_front(std::string_view& text, std::size_t most) {
  const auto front = text.substr(0, most);
  text.remove_prefix(front.size());
  return front;
}

}  // namespace

awaitable<void> Connection::respond(Response response, After after) {
  FairShare::Part unsent(core_->unsent, member_.client);
  if (response.body.size() >= kLargeBody && core_->unsent.used() == 0) {
    unsent.take(response.body.size());
  } else if (response.body.size() >= kLargeBody && !unsent.grow_to(response.body.size())) {
    response = overloaded("too many large answers wait for their readers");
  }
  co_await send_whole(std::move(response), after);
}

awaitable<void> Connection::send_whole(Response response, After after) {
  const std::string head = head_of(response, after);
  const bool with_body = method_ != Method::kHead;
  const auto use = response.body.size() > kMappedBytes ? BodyUse::kLast : BodyUse::kAgain;
  const bool sent =
      co_await write_bytes(head, with_body ? response.payload() : std::string_view{}, {}, use);
  observe(sent ? response.status : kClientGone);
  if (!sent) {
    aborted_ = true;
    co_return;
  }
  if (after == After::kLinger) co_await linger();
}

awaitable<bool> Connection::write_bytes(std::string_view head, std::string_view body,
                                        std::string_view tail, BodyUse use) {
  const ServerOptions& options = core_->options;
  MinimumRate rate(options.stall_timeout, options.min_transfer_rate,
                   std::chrono::steady_clock::now());
  std::size_t steady = 0;
  timed_out_ = false;
  begin_to_wait();
  while (!head.empty() || !body.empty() || !tail.empty()) {
    const auto piece = body.substr(0, kWriteBytes);
    const auto end = piece.size() == body.size() ? tail : std::string_view{};
    const std::array<asio::const_buffer, 3> parts{asio::buffer(head), asio::buffer(piece),
                                                  asio::buffer(end)};
    io_deadline_.set(rate.until());
    auto [error, bytes] = co_await socket_.async_write_some(parts, kTuple);
    if (error) {
      io_deadline_.clear();
      co_return false;
    }
    bytes_out_ += bytes;
    rate.moved(bytes, std::chrono::steady_clock::now());
    steady += bytes;
    bytes -= take_front(head, bytes).size();
    const auto sent = take_front(body, bytes);
    if (use == BodyUse::kLast) release_pages(sent);
    take_front(tail, bytes - sent.size());
    if (steady >= kSteadyBytes) {
      steady = 0;
      begin_to_wait();  // behind those that read less
    }
  }
  end_wait();
  co_return true;
}

// Reads what the client still sends, so that closing does not destroy the answer on its way.
awaitable<void> Connection::linger() {
  place_.drop();
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  begin_to_wait();
  io_deadline_.set(std::chrono::steady_clock::now() + kLinger);
  buffer_.clear();
  for (;;) {
    const auto [error, bytes] =
        co_await socket_.async_read_some(buffer_.prepare(kReadBytes), kTuple);
    if (error) co_return;
  }
}

std::string Connection::head_of(const Response& response, After after) const {
  return response_head(
      response,
      {.id = id_, .http_1_0 = http_1_0_, .keep_alive = after == After::kKeepAlive, .more = cors_});
}

Response Connection::failure(int status, const Error& error) const {
  return error_response(*dialect_, status, error);
}

Response Connection::overloaded(std::string message) const {
  return failure(503, {ErrorCode::kOverloaded, std::move(message), Millis(1000)});
}

void Connection::observe(int status) const {
  if (!core_->options.observe) return;
  core_->options.observe({.method = method_,
                          .route = route_ != nullptr ? std::string_view(route_->pattern) : "",
                          .target = target_,
                          .id = id_,
                          .peer = peer_,
                          .note = note_,
                          .status = status,
                          .bytes_in = bytes_in_,
                          .bytes_out = bytes_out_,
                          .took = std::chrono::steady_clock::now() - begin_});
}

}  // namespace npu::http
