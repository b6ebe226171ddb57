#include "http/connection.hpp"

#include <poll.h>

#include <boost/asio/use_awaitable.hpp>

#include "base/error_table.hpp"
#include "base/unix_socket.hpp"
#include "http/connection_text.hpp"

namespace npu::http {
namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

bool has_no_body(Method method) { return method == Method::kGet || method == Method::kHead; }

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, const asio::ip::tcp::endpoint& peer,
                       std::shared_ptr<ServerCore> core)
    : core_(std::move(core)),
      socket_(std::move(socket)),
      io_deadline_(socket_.get_executor(),
                   [this] {
                     timed_out_ = true;
                     beast::error_code ignored;
                     socket_.cancel(ignored);
                   }),
      buffer_(core_->options.max_header_bytes + kReadBytes),
      peer_(endpoint_text(peer)),
      member_{.connection = this, .client = client_key(peer.address())},
      place_(core_->places, member_.client),
      intake_(*core_, member_.client),
      dialect_(core_->options.dialect),
      deadline_(socket_.get_executor()) {
  core_->crowd.add(member_);
  ++core_->alive;
}

Connection::~Connection() {
  core_->crowd.remove(member_);
  --core_->alive;
  core_->connection_ended.cancel();
}

awaitable<void> Connection::run() {
  const auto self = shared_from_this();
  beast::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  while (!aborted_) {
    const bool goes_on = co_await serve_one();
    place_.drop();
    intake_.drop();
    if (!goes_on) break;
  }
  socket_.close(ignored);
}

bool Connection::has_unreceived() {
  return (poll_now(socket_.native_handle(), POLLIN) & (POLLIN | POLLHUP)) == POLLIN;
}

void Connection::abort() {
  aborted_ = true;
  core_->crowd.remove(member_);
  place_.drop();
  if (watching_) cancel_handler();
  departure_.reset();
  beast::error_code ignored;
  socket_.close(ignored);
}

void Connection::begin_to_wait() {
  core_->crowd.move(member_, place_.amount() > 0 ? Crowd::Queue::kSlow : Crowd::Queue::kWaiting);
}

void Connection::end_wait() {
  io_deadline_.clear();
  core_->crowd.move(member_, Crowd::Queue::kNone);
}

awaitable<bool> Connection::serve_one() {
  const Arrived head = co_await read_head();
  if (head == Arrived::kNothing) co_return false;
  const Counted in_flight(core_->in_flight);
  if (head == Arrived::kRefused) {
    Response refused = failure(head_status_, {ErrorCode::kMalformed, std::exchange(note_, "")});
    co_await respond(std::move(refused), After::kLinger);
    co_return false;
  }
  auto request = make_request();
  Result<Router::Match> match = fail(ErrorCode::kMalformed, "");
  if (request) match = find_route();
  if (!request || !match) {
    Response refused = failure(400, request ? match.error() : request.error());
    co_await respond(std::move(refused), After::kLinger);
    co_return false;
  }
  route_ = match->route;
  const bool expects = request->headers.has_token("Expect", "100-continue") && !http_1_0_;
  if (auto refused = refusal(*request, *match)) {
    bool clean = false;
    // Who is turned away is told at once, whatever is still to come of the body.
    if (!expects && refused->status != 503) clean = co_await discard_small_body();
    const bool keep_alive = clean && parser_->keep_alive() && !core_->draining;
    co_await respond(std::move(*refused), keep_alive ? After::kKeepAlive
                                          : clean    ? After::kClose
                                                     : After::kLinger);
    co_return keep_alive && !aborted_;
  }
  if (route_->websocket) {
    request->path_params = std::move(match->params);
    co_await serve_websocket(std::move(*request), *route_);
    co_return false;
  }
  if (expects && !parser_->is_done() && buffer_.size() == 0) {
    const bool sent = co_await write_bytes("HTTP/1.1 100 Continue\r\n\r\n", {});
    if (!sent) co_return false;
  }
  const bool unread = has_no_body(method_);
  if (auto refused = co_await read_body(unread ? kSmallBody : route_->options.max_body)) {
    if (refused->status == kClientGone) {
      observe(kClientGone);
      co_return false;
    }
    // Makes room at once, not when the client has stopped sending.
    parser_->get().body() = std::string();
    intake_.drop();
    co_await respond(std::move(*refused), After::kLinger);
    co_return false;
  }
  end_wait();
  begin_watch(route_->options.timeout.value_or(core_->options.request_timeout));
  request->deadline = deadline_.expiry();
  request->stop = stop_.get_token();
  Status taken;
  if (!unread) taken = co_await take_body(*request, route_->options.max_body);
  if (auto why = cut_short()) taken = fail(std::move(*why));
  if (!taken) {
    intake_.drop();
    end_watch();
    if (gone_ || aborted_) {
      observe(kClientGone);
      co_return false;
    }
    const bool keep_alive = parser_->keep_alive() && !core_->draining;
    co_await respond(not_taken(taken.error()), keep_alive ? After::kKeepAlive : After::kClose);
    co_return keep_alive && !aborted_;
  }
  request->path_params = std::move(match->params);
  co_return co_await handle(std::move(*request), *route_);
}

awaitable<bool> Connection::handle(Request request, const Route& route) {
  const bool keep_alive = parser_->keep_alive() && !core_->draining;
  const SteadyTime first_piece = request.deadline;
  auto response = co_await call(route.handler, std::move(request));
  intake_.drop();
  if (gone_ || aborted_) {
    end_watch();
    observe(kClientGone);
    co_return false;
  }
  if (!response) response = failure(http_status(response.error().code), response.error());
  if (response->stream && method_ != Method::kHead) {
    co_return co_await send_stream(std::move(*response), keep_alive, first_piece);
  }
  end_watch();
  co_await respond(std::move(*response), keep_alive ? After::kKeepAlive : After::kClose);
  co_return keep_alive && !aborted_;
}

Result<Router::Match> Connection::find_route() {
  auto match = core_->router.find(method_, split_target(target_)->path);
  if (match && match->dialect != nullptr) dialect_ = match->dialect;
  return match;
}

}  // namespace npu::http
