#include "http/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/read.hpp>

#include "base/error_table.hpp"
#include "http/connection_text.hpp"

namespace npu::http {
namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr std::size_t kDiscardableBody = 64 << 10;
constexpr int kEndSilently = 0;

std::string peer_text(const asio::ip::tcp::socket& socket) {
  beast::error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return "?";
  return peer.address().to_string() + ":" + std::to_string(peer.port());
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, std::shared_ptr<ServerCore> core)
    : core_(std::move(core)),
      stream_(std::move(socket)),
      buffer_(core_->options.max_header_bytes + kReadBytes),
      peer_(peer_text(stream_.socket())),
      deadline_(stream_.get_executor()) {
  core_->connections.insert(this);
}

Connection::~Connection() {
  core_->buffered_bytes -= charged_;
  core_->connections.erase(this);
  core_->connections_changed.cancel();
}

awaitable<void> Connection::run() {
  const auto self = shared_from_this();
  beast::error_code ignored;
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  while (!aborted_) {
    const bool goes_on = co_await serve_one();
    if (!goes_on) break;
  }
  stream_.socket().close(ignored);
}

void Connection::abort() {
  aborted_ = true;
  if (watching_) cancel_handler();
  beast::error_code ignored;
  stream_.socket().close(ignored);
}

awaitable<bool> Connection::serve_one() {
  const bool arrived = co_await wait_for_request();
  if (!arrived) co_return false;
  const Counted in_flight(core_->in_flight);
  begin_ = std::chrono::steady_clock::now();
  route_ = nullptr;
  bytes_in_ = bytes_out_ = 0;
  id_.clear();
  target_.clear();
  http_1_0_ = false;
  method_ = Method::kGet;

  if (const auto bad = co_await read_head()) {
    if (*bad == kEndSilently) co_return false;
    Response refused = failure(*bad, Error{ErrorCode::kMalformed, head_error_text(*bad)});
    co_await respond(std::move(refused), After::kLinger);
    co_return false;
  }
  auto request = make_request();
  Result<Router::Match> match = fail(ErrorCode::kMalformed, "");
  if (request) match = core_->router.find(method_, split_target(target_)->path);
  if (!request || !match) {
    Response refused = failure(400, request ? match.error() : request.error());
    co_await respond(std::move(refused), After::kLinger);
    co_return false;
  }
  route_ = match->route;
  const bool expects = request->headers.has_token("Expect", "100-continue") && !http_1_0_;
  if (auto refused = refusal(*request, *match)) {
    bool clean = false;
    if (!expects) clean = co_await discard_small_body();
    const bool keep_alive = clean && parser_->keep_alive() && !core_->draining;
    co_await respond(std::move(*refused), keep_alive ? After::kKeepAlive
                                          : clean    ? After::kClose
                                                     : After::kLinger);
    co_return keep_alive && !aborted_;
  }
  if (expects && !parser_->is_done() && buffer_.size() == 0) {
    const bool sent = co_await write_bytes("HTTP/1.1 100 Continue\r\n\r\n", {});
    if (!sent) co_return false;
  }
  if (auto refused = co_await read_body(route_->options.max_body)) {
    if (refused->status == kEndSilently) co_return false;
    // Makes room at once, not when the client has stopped sending.
    parser_->get().body() = std::string();
    core_->buffered_bytes -= std::exchange(charged_, 0);
    co_await respond(std::move(*refused), After::kLinger);
    co_return false;
  }
  wait_for(Waits::kNothing);
  const bool keep_alive = parser_->keep_alive() && !core_->draining;
  request->body = std::move(parser_->get().body());
  request->path_params = std::move(match->params);
  request->deadline = begin_ + route_->options.timeout.value_or(core_->options.request_timeout);

  begin_watch(request->deadline);
  request->stop = stop_.get_token();
  auto response = co_await call(route_->handler, std::move(*request));
  core_->buffered_bytes -= std::exchange(charged_, 0);
  if (gone_ || aborted_) {
    end_watch();
    observe(kClientGone);
    co_return false;
  }
  if (!response) response = failure(http_status(response.error().code), response.error());
  bool complete = true;
  if (response->stream && method_ != Method::kHead) {
    streaming_ = true;
    const auto after = keep_alive && !http_1_0_ ? After::kKeepAlive : After::kClose;
    const std::string head = head_of(*response, after);
    complete = co_await write_bytes(head, {});
    if (complete) complete = co_await stream_body(response->stream);
    streaming_ = false;
    end_watch();
    observe(complete ? response->status : kClientGone);
    co_return complete&& after == After::kKeepAlive;
  }
  end_watch();
  co_await respond(std::move(*response), keep_alive ? After::kKeepAlive : After::kClose);
  co_return keep_alive && !aborted_;
}

void Connection::wait_for(Waits what) {
  waits_ = what;
  waits_since_ = std::chrono::steady_clock::now();
}

awaitable<bool> Connection::wait_for_request() {
  const bool first = std::exchange(first_, false);
  wait_for(Waits::kTransfer);
  if (buffer_.size() > 0) co_return true;
  if (core_->draining) co_return false;
  wait_for(first ? Waits::kFirstRequest : Waits::kNextRequest);
  if (core_->full()) core_->connections_changed.cancel();
  stream_.expires_after(first ? core_->options.header_timeout : core_->options.idle_timeout);
  const auto [error, bytes] = co_await stream_.async_read_some(buffer_.prepare(4096), kTuple);
  wait_for(Waits::kTransfer);
  buffer_.commit(bytes);
  co_return !error;
}

awaitable<std::optional<int>> Connection::read_head() {
  namespace bhttp = beast::http;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(core_->options.max_header_bytes));
  parser_->body_limit(boost::none);
  stream_.expires_after(core_->options.header_timeout);
  const auto [error, bytes] = co_await bhttp::async_read_header(stream_, buffer_, *parser_, kTuple);
  stream_.expires_never();
  if (!error) co_return std::nullopt;
  if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow) co_return 431;
  if (error == bhttp::error::bad_version) co_return 505;
  const bool protocol =
      error.category() == bhttp::make_error_code(bhttp::error::bad_method).category();
  const bool ended = error == bhttp::error::end_of_stream || error == bhttp::error::partial_message;
  co_return protocol && !ended ? 400 : kEndSilently;
}

Result<Request> Connection::make_request() {
  const auto& head = parser_->get();
  Request request;
  request.method = method_ = method_from_text(head.method_string());
  request.target = target_ = head.target();
  http_1_0_ = head.version() < 11;
  for (const auto& field : head) request.headers.add(field.name_string(), field.value());
  request.peer = peer_;
  const auto given = request.headers.get("X-Request-Id");
  id_ = given && is_sane_request_id(*given) ? std::string(*given) : make_request_id();
  request.id = id_;
  const auto hosts = head.count("Host");
  if (hosts > 1 || (hosts == 0 && !http_1_0_)) {
    return fail(ErrorCode::kMalformed,
                hosts > 1 ? "there is more than one Host header" : "the Host header is missing");
  }
  // Where the body ends must not be a matter of opinion between us and a proxy: RFC 9112, 6.1.
  const auto codings = head.count("Transfer-Encoding");
  if (codings > 1 || (codings == 1 &&
                      (http_1_0_ || !equals_ignoring_case(head["Transfer-Encoding"], "chunked")))) {
    return fail(ErrorCode::kMalformed, "the only transfer coding is chunked, in HTTP/1.1");
  }
  const auto parts = split_target(target_);
  if (!parts) return fail(parts.error());
  auto path = percent_decode(parts->path);
  if (!path) return fail(path.error());
  request.path = std::move(*path);
  auto query = Query::parse(parts->query);
  if (!query) return fail(query.error());
  request.query = std::move(*query);
  return request;
}

std::optional<Response> Connection::refusal(const Request& request,
                                            const Router::Match& match) const {
  const Dialect& dialect = *core_->options.dialect;
  if (match.route == nullptr) {
    Response response = dialect.no_route(match.allow.empty() ? 404 : 405);
    if (!match.allow.empty()) response.headers.set("Allow", match.allow);
    return response;
  }
  const RouteOptions& options = match.route->options;
  if (!options.open && !core_->keys.admits(request.headers)) {
    Response response = failure(401, {ErrorCode::kPermission, "a valid API key is required"});
    response.headers.set("WWW-Authenticate", "Bearer");
    return response;
  }
  const auto expect = request.headers.get("Expect");
  if (expect && !equals_ignoring_case(*expect, "100-continue")) {
    return failure(417,
                   {ErrorCode::kInvalidArgument, "the only expectation known is 100-continue"});
  }
  const auto length = parser_->content_length();
  if (length && *length > options.max_body) {
    return failure(413, {ErrorCode::kTooLarge, body_limit_text(options.max_body)});
  }
  return std::nullopt;
}

awaitable<std::optional<Response>> Connection::read_body(std::size_t limit) {
  namespace bhttp = beast::http;
  const auto charge = [&](std::size_t bytes) {
    if (bytes <= charged_) return true;
    const std::size_t more = bytes - charged_;
    if (more > core_->options.max_buffered_bytes - core_->buffered_bytes) return false;
    core_->buffered_bytes += more;
    charged_ += more;
    return true;
  };
  const auto no_room = [&] {
    return failure(503, {ErrorCode::kOverloaded, "too many uploads at once", Millis(1000)});
  };
  const auto too_large = [&] {
    return failure(413, {ErrorCode::kTooLarge, body_limit_text(limit)});
  };
  const auto broken = [&] {
    return failure(400, {ErrorCode::kMalformed, "the body's framing is broken"});
  };
  parser_->body_limit(limit);
  wait_for(Waits::kTransfer);
  stream_.expires_after(core_->options.body_timeout);
  while (!parser_->is_done()) {
    const auto [error, bytes] = co_await bhttp::async_read_some(stream_, buffer_, *parser_, kTuple);
    bytes_in_ += bytes;
    if (error == bhttp::error::body_limit) co_return too_large();
    if (error) {
      const bool framing =
          error.category() == bhttp::make_error_code(bhttp::error::bad_chunk).category() &&
          error != bhttp::error::partial_message;
      Response silent;
      silent.status = kEndSilently;
      co_return framing ? broken() : silent;
    }
    if (!charge(parser_->get().body().size())) co_return no_room();
  }
  stream_.expires_never();
  co_return std::nullopt;
}

awaitable<bool> Connection::discard_small_body() {
  if (parser_->is_done()) co_return true;
  const auto length = parser_->content_length();
  if (!length || *length > kDiscardableBody) co_return false;
  const auto refused = co_await read_body(kDiscardableBody);
  core_->buffered_bytes -= std::exchange(charged_, 0);
  co_return !refused;
}

}  // namespace npu::http
