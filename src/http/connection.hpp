// One client connection: reads requests, runs their handlers, writes responses. Internal to http/.
//
// A request that is neither vital nor refused holds a place (ServerCore::places) from the end of
// its head to the end of its answer. A connection without a place may be aborted for another one
// whenever it waits for its client.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include "http/body_intake.hpp"
#include "http/content_coding.hpp"
#include "http/growing_body.hpp"
#include "http/io_deadline.hpp"
#include "http/minimum_rate.hpp"
#include "http/response_stream.hpp"
#include "http/server_core.hpp"
#include "http/websocket_session.hpp"

namespace npu::http {

inline constexpr std::size_t kReadBytes = 64 << 10;
// The largest body that is read although nobody wants it, for what follows it.
inline constexpr std::size_t kSmallBody = 64 << 10;
// A transfer that has moved so much more goes behind those that have not.
inline constexpr std::size_t kSteadyBytes = 1 << 20;
// The status under which metrics and logs count a client that left before its answer.
inline constexpr int kClientGone = 499;

// Adds to a counter while it lives.
struct Counted {
  explicit Counted(std::size_t& counter) : counter_(counter) { ++counter_; }
  ~Counted() { --counter_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::size_t& counter_;
};

class Connection final : public std::enable_shared_from_this<Connection>,
                         private ResponseStream::Link,
                         private DepartureWatch::Listener {
 public:
  Connection(boost::asio::ip::tcp::socket socket, const boost::asio::ip::tcp::endpoint& peer,
             std::shared_ptr<ServerCore> core);
  ~Connection() override;

  // Until the connection ends. Keeps itself alive.
  awaitable<void> run();
  // True while its client has begun no request that is complete enough to be served.
  bool waits() const { return member_.queue == Crowd::Queue::kWaiting; }
  // The server stops: what only waits for its client to go on ends.
  void drain();
  // True where something that the client has sent is still to be received.
  bool has_unreceived();
  // Cancels the handler, if one runs, and closes.
  void abort();

 private:
  using Parser = boost::beast::http::request_parser<GrowingBody>;
  enum class After { kKeepAlive, kClose, kLinger };
  // What became of a head or a body.
  enum class Arrived { kWhole, kNothing, kRefused };

  awaitable<bool> serve_one();
  // The request is complete and is let in.
  awaitable<bool> handle(Request request, const Route& route);

  // While it waits for its client, to send or to read.
  void begin_to_wait();
  void end_wait();

  awaitable<Arrived> read_head();  // kRefused: head_status_ says with what
  std::size_t skip_empty_lines();
  std::size_t receive_now();  // what is there already, into buffer_
  awaitable<bool> receive(SteadyTime until);
  Result<Request> make_request();
  // The reason not to run the handler, if there is one.
  std::optional<Response> refusal(const Request& request, const Router::Match& match);
  Result<Router::Match> find_route();

  awaitable<std::optional<Response>> read_body(std::size_t limit);
  Response too_slow(SteadyTime begin);
  Response not_taken(const Error& error) const;
  awaitable<bool> discard_small_body();
  awaitable<Status> take_body(Request& request, std::size_t limit);
  awaitable<Status> inflate(Request& request, Coding coding, std::size_t limit);

  awaitable<Result<Response>> call(const Handler& handler, Request request);
  // Why a handler was stopped before it had an answer; empty: it was not.
  std::optional<Error> cut_short() const;
  // first_piece: until when there has to be one.
  awaitable<bool> send_stream(Response response, bool keep_alive, SteadyTime first_piece);
  awaitable<Status> run_body(StreamBody& body, StreamWriter& out);
  template <class T>
  awaitable<T> cancellable(awaitable<T> work);
  // Who takes longer has the handler cancelled.
  void begin_deadline(SteadyTime deadline);
  // From the end of the request: who leaves too.
  void begin_watch(Millis timeout);
  void end_watch();
  void left(DepartureWatch::Departure how) override;
  void cancel_handler();

  awaitable<void> serve_websocket(Request request, const Route& route);
  std::optional<Response> websocket_refusal(const Request& request) const;

  awaitable<void> respond(Response response, After after);
  awaitable<void> send_whole(Response response, After after);
  // kLast: the body's memory is given back while it is sent.
  enum class BodyUse { kAgain, kLast };
  awaitable<bool> write_bytes(std::string_view head, std::string_view body,
                              std::string_view tail = {}, BodyUse use = BodyUse::kAgain);
  awaitable<bool> send(std::string_view before, std::string_view piece,
                       std::string_view after) override;
  std::size_t send_now(std::string_view bytes) override;
  void late() override;
  awaitable<void> linger();

  std::string head_of(const Response& response, After after) const;
  Response failure(int status, const Error& error) const;
  Response overloaded(std::string message) const;
  void observe(int status) const;

  std::shared_ptr<ServerCore> core_;
  boost::asio::ip::tcp::socket socket_;
  IoDeadline io_deadline_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::string peer_;
  Crowd::Member member_;
  FairShare::Part place_;
  BodyIntake intake_;
  bool first_ = true;
  bool aborted_ = false;
  bool timed_out_ = false;

  // The request being served.
  Method method_ = Method::kGet;
  std::string target_;
  std::string id_;
  std::vector<Headers::Field> cors_;  // for its answer
  std::string note_;                  // what the log adds to it
  const Route* route_ = nullptr;
  const Dialect* dialect_;
  int head_status_ = 400;
  bool http_1_0_ = false;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  SteadyTime begin_{};

  // Its handler.
  boost::asio::cancellation_signal cancel_handler_;
  boost::asio::steady_timer deadline_;
  std::stop_source stop_;
  std::optional<DepartureWatch::Entry> departure_;
  SteadyTime watched_since_{};
  unsigned watch_ = 0;  // numbers the watches, so that a late callback does no harm
  bool watching_ = false;
  WebSocketSession* websocket_ = nullptr;  // while one is served
  bool gone_ = false;
  bool late_ = false;
};

}  // namespace npu::http
