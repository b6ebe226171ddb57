// A server and a client for tests: real sockets, exact bytes.
#pragma once

#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "http/server.hpp"

namespace npu::http {

namespace asio = boost::asio;

// A blocking client that sends and receives exact bytes.
class Client {
 public:
  enum Connect { kLater };
  explicit Client(Connect) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  explicit Client(std::uint16_t port) : Client(kLater) { connect(port); }

  // From an address of this machine to the same address.
  Client(std::uint16_t port, in_addr own) : Client(kLater) {
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = own, .sin_zero = {}};
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    connect(port, own);
  }

  void connect(std::uint16_t port, in_addr to = {.s_addr = htonl(INADDR_LOOPBACK)}) {
    sockaddr_in address{
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = to, .sin_zero = {}};
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }

  bool send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Until the text received so far ends with or contains `mark`, or the connection ends.
  std::string read_until(std::string_view mark) {
    while (text_.find(mark) == std::string::npos && read_more()) {
    }
    const auto end = text_.find(mark);
    const auto size = end == std::string::npos ? text_.size() : end + mark.size();
    std::string out = text_.substr(0, size);
    text_.erase(0, size);
    return out;
  }

  // One response whose head has a Content-Length.
  std::string read_response(bool body = true) {
    std::string head = read_until("\r\n\r\n");
    const auto at = head.find("Content-Length: ");
    if (at == std::string::npos || !body) return head;
    const auto length = std::stoul(head.substr(at + 16));
    while (text_.size() < length && read_more()) {
    }
    head += text_.substr(0, length);
    text_.erase(0, length);
    return head;
  }

  // This many bytes, or fewer where the connection ends.
  std::string read_bytes(std::size_t bytes) {
    while (text_.size() < bytes && read_more()) {
    }
    std::string out = text_.substr(0, bytes);
    text_.erase(0, bytes);
    return out;
  }

  std::string read_to_end() {
    while (read_more()) {
    }
    return std::exchange(text_, {});
  }

  // Reads this many bytes and forgets them.
  void skip(std::size_t bytes) {
    while (text_.size() < bytes) {
      bytes -= text_.size();
      text_.clear();
      if (!read_more()) return;
    }
    text_.erase(0, bytes);
  }

  void close() { fd_.reset(); }
  // As a client does that dies with bytes unread.
  void reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    EXPECT_EQ(::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
    fd_.reset();
  }
  int fd() const { return fd_.get(); }

 private:
  bool read_more() {
    char buffer[4096];
    const auto got = ::recv(fd_.get(), buffer, sizeof(buffer), 0);
    if (got <= 0) return false;
    text_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  UniqueFd fd_;
  std::string text_;
};

// A checksum in text.
inline std::string sum_of(std::string_view text) {
  return std::to_string(std::hash<std::string_view>()(text));
}

// A server on its own thread with a handler for each behaviour.
class ServerTest : public ::testing::Test {
 protected:
  // more: routes beside those of the fixture.
  void start(ServerOptions options = {}, const std::function<void(Router&)>& more = {}) {
    Router router;
    if (more) more(router);
    router.get("/hello",
               [](Request) -> awaitable<Result<Response>> { co_return Response::text("hello"); });
    router.post("/echo",
                [this](Request request) -> awaitable<Result<Response>> {
                  ++echoed_;
                  co_return Response::bytes(std::string(request.body), "application/octet-stream");
                },
                {.max_body = 1000});
    router.post("/size",
                [](Request request) -> awaitable<Result<Response>> {
                  co_return Response::text(std::to_string(request.body.size()));
                },
                {.max_body = 8 << 20});
    router.post("/sum",
                [](Request request) -> awaitable<Result<Response>> {
                  co_return Response::text(sum_of(request.body) +
                                           (request.body.file() < 0 ? " memory" : " file"));
                },
                {.max_body = 8 << 20});
    router.get("/large", [](Request) -> awaitable<Result<Response>> {
      std::string body(std::size_t{40} << 20, 'a');
      for (std::size_t at = 0; at < body.size(); at += 4096) body[at] = static_cast<char>(at >> 12);
      co_return Response::bytes(std::move(body), "application/octet-stream");
    });
    router.get("/fail", [](Request) -> awaitable<Result<Response>> {
      co_return fail(ErrorCode::kOverloaded, "come back", Millis(2500));
    });
    static constexpr auto kWord = [](int status, const Error&) {
      return Response::text("other", status);
    };
    static constexpr auto kNoRoute = [](int status) { return Response::text("other?", status); };
    static const Dialect kOther{"other", kWord, kNoRoute, "", "[DONE]"};
    router.post("/other/fail",
                [](Request) -> awaitable<Result<Response>> {
                  co_return fail(ErrorCode::kNotFound, "it is not there");
                },
                {.max_body = 10, .dialect = &kOther});
    router.get("/throw", [](Request) -> awaitable<Result<Response>> {
      throw std::runtime_error("secret text");
      co_return Response{};
    });
    router.get("/wait", [this](Request request) { return wait(std::move(request)); });
    router.get("/late", [this](Request request) { return wait(std::move(request)); },
               {.timeout = Millis(1)});
    router.get("/late-work",
               [this](Request request) -> awaitable<Result<Response>> {
                 try {
                   (void)co_await wait(std::move(request));
                 } catch (const boost::system::system_error&) {
                 }
                 co_return fail(ErrorCode::kCancelled, "the request was cancelled");
               },
               {.timeout = Millis(1)});
    add_streams(router);
    router.get("/vital",
               [](Request) -> awaitable<Result<Response>> { co_return Response::text("vital"); },
               {.max_body = 0, .vital = true});
    router.get("/open",
               [](Request) -> awaitable<Result<Response>> { co_return Response::text("open"); },
               {.open = true});
    options.observe = [this](const Exchange& exchange) {
      last_status_ = exchange.status;
      if (exchange.status >= 500) last_note_ = exchange.note;
    };
    server_.emplace(io_.get_executor(), std::move(router), std::move(options));
    const auto started = server_->start();
    ASSERT_TRUE(started) << started.error().message;
    thread_ = std::thread([this] { io_.run(); });
  }

  void add_streams(Router& router) {
    const auto add = [&](std::string pattern, StreamFormat format, auto body,
                         RouteOptions options = {}) {
      router.get(
          std::move(pattern),
          [format, body](Request) -> awaitable<Result<Response>> {
            Response response = Response::streaming("text/event-stream", body);
            response.stream_format = format;
            co_return response;
          },
          options);
    };
    using enum StreamFormat;
    add("/stream", kSse, [](StreamWriter& out) -> awaitable<Status> {
      (void)co_await write_sse(out, {.event = "e", .data = "one\ntwo"});
      const boost::json::value line{{"a", 1}};
      co_return co_await write_ndjson(out, line);
    });
    const auto endless = [this](StreamWriter& out) { return write_until_it_fails(out); };
    add("/endless", kBytes, endless);
    const auto silent = [this](StreamWriter& out) { return write_and_wait(out, ""); };
    const auto half = [this](StreamWriter& out) { return write_and_wait(out, "data: 1\n\n"); };
    const auto mute = [this](StreamWriter& out) { return write_and_wait(out, std::nullopt); };
    add("/silent", kSse, silent);
    add("/silent-late", kSse, silent, {.timeout = Millis(1)});
    add("/mute", kSse, mute);
    add("/mute-late", kSse, mute, {.timeout = Millis(1)});
    add("/half", kSse, half);
    add("/half-patient", kSse, half, {.stream_idle_timeout = Millis(0)});
    add("/half-bytes", kBytes, half);
    const auto fails = [](std::string piece) {
      return [piece](StreamWriter& out) -> awaitable<Status> {
        (void)co_await out.write(piece);
        co_return fail(ErrorCode::kDeviceLost, "the device is gone");
      };
    };
    add("/fails-sse", kSse, fails("data: 1\n\n"));
    add("/fails-ndjson", kNdjson, fails("{}\n"));
    add("/fails-bytes", kBytes, fails("half"));
    add("/fails-at-once", kSse, [](StreamWriter&) -> awaitable<Status> {
      co_return fail(ErrorCode::kOverloaded, "come back", Millis(2500));
    });
    add("/throws", kSse, [](StreamWriter& out) -> awaitable<Status> {
      (void)co_await out.write("data: 1\n\n");
      throw std::runtime_error("secret text");
    });
  }

  awaitable<Result<Response>> wait(Request request) {
    waiting_.set_value();
    try {
      asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
      co_await timer.async_wait(asio::use_awaitable);
    } catch (const boost::system::system_error&) {
      stopped_ = request.stop.stop_requested();
      cancelled_.set_value();
      throw;
    }
    co_return Response::text("waited");
  }

  awaitable<Status> write_until_it_fails(StreamWriter& out) {
    const std::string piece(64 << 10, 'x');
    Status written;
    try {
      while (written) written = co_await out.write(piece);
    } catch (const boost::system::system_error&) {  // cancelled between two writes
    }
    cancelled_.set_value();
    co_return written;
  }

  awaitable<Status> write_and_wait(StreamWriter& out, std::optional<std::string_view> piece) {
    Status written;
    if (piece) written = co_await out.write(*piece);
    waiting_.set_value();
    try {
      asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
      co_await timer.async_wait(asio::use_awaitable);
    } catch (const boost::system::system_error&) {
      cancelled_.set_value();
      throw;
    }
    co_return written;
  }

  void stop(Millis grace = Millis(0)) {
    if (!thread_.joinable()) return;
    asio::co_spawn(io_, server_->shutdown(grace), asio::use_future).get();
    thread_.join();
  }

  void TearDown() override { stop(); }

  std::string exchange(std::string_view request) {
    Client client(server_->port());
    client.send(request);
    return client.read_to_end();
  }

  asio::io_context io_;
  std::optional<Server> server_;
  std::thread thread_;
  std::promise<void> waiting_;
  std::promise<void> cancelled_;
  std::atomic<bool> stopped_ = false;
  std::atomic<int> last_status_ = 0;
  std::atomic<int> echoed_ = 0;
  std::string last_note_;  // of a failure; to be read once the server has stopped
};

}  // namespace npu::http
