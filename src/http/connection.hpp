// One client connection: reads requests, runs their handlers, writes responses. Internal to http/.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/server_core.hpp"

namespace npu::http {

inline constexpr std::size_t kReadBytes = 64 << 10;
// The status under which metrics and logs count a client that left before its answer.
inline constexpr int kClientGone = 499;

// Adds to a counter while it lives.
struct Counted {
  explicit Counted(std::size_t& counter, std::size_t by = 1) : counter_(counter), by_(by) {
    counter_ += by_;
  }
  ~Counted() { counter_ -= by_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::size_t& counter_;
  std::size_t by_;
};

class Connection final : public std::enable_shared_from_this<Connection>, private StreamWriter {
 public:
  Connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<ServerCore> core);
  ~Connection() override;

  // Until the connection ends. Keeps itself alive.
  awaitable<void> run();
  // What it waits for its client to do: begin its first or next request, or send or read more of
  // one. And since when.
  enum class Waits { kNothing, kFirstRequest, kNextRequest, kTransfer };
  Waits waits() const { return waits_; }
  SteadyTime waits_since() const { return waits_since_; }
  bool aborted() const { return aborted_; }
  // Cancels the handler, if one runs, and closes.
  void abort();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class After { kKeepAlive, kClose, kLinger };

  awaitable<bool> serve_one();
  void wait_for(Waits what);
  awaitable<bool> wait_for_request();
  awaitable<std::optional<int>> read_head();  // 0: end silently; a status: refuse with it
  // The reason not to run the handler, if there is one.
  std::optional<Response> refusal(const Request& request, const Router::Match& match) const;
  awaitable<std::optional<Response>> read_body(std::size_t limit);
  awaitable<bool> discard_small_body();
  Result<Request> make_request();

  awaitable<Result<Response>> call(const Handler& handler, Request request);
  // Why a handler was stopped before it had an answer; empty: it was not.
  std::optional<Error> cut_short() const;
  awaitable<bool> stream_body(const StreamBody& body);
  template <class T>
  awaitable<T> cancellable(awaitable<T> work);
  void begin_watch(SteadyTime deadline);
  void end_watch();
  void watch_client(unsigned watch);
  void cancel_handler();

  awaitable<void> respond(Response response, After after);
  awaitable<void> send(Response response, After after);
  // kLast: the body's memory is given back while it is sent.
  enum class BodyUse { kAgain, kLast };
  awaitable<bool> write_bytes(std::string_view head, std::string_view body,
                              BodyUse use = BodyUse::kAgain);
  awaitable<Status> write(std::string_view bytes) override;
  awaitable<void> linger();

  std::string head_of(const Response& response, After after) const;
  Response failure(int status, const Error& error) const;
  void observe(int status) const;

  std::shared_ptr<ServerCore> core_;
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::string peer_;
  Waits waits_ = Waits::kFirstRequest;
  SteadyTime waits_since_ = std::chrono::steady_clock::now();
  bool first_ = true;
  bool aborted_ = false;

  // The request being served.
  Method method_ = Method::kGet;
  std::string target_;
  std::string id_;
  const Route* route_ = nullptr;
  bool http_1_0_ = false;
  bool streaming_ = false;
  std::size_t charged_ = 0;  // of core_->buffered_bytes
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  SteadyTime begin_{};

  // Its handler.
  boost::asio::cancellation_signal cancel_handler_;
  boost::asio::cancellation_signal cancel_watch_;
  boost::asio::steady_timer deadline_;
  std::stop_source stop_;
  unsigned watch_ = 0;  // numbers the watches, so that a late callback does no harm
  bool watching_ = false;
  bool gone_ = false;
  bool late_ = false;
};

}  // namespace npu::http
