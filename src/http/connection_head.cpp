#include "http/connection.hpp"

#include <algorithm>

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/connection_text.hpp"

namespace npu::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;

namespace {

constexpr std::size_t kMostEmptyLines = 64;  // bytes of them
constexpr std::size_t kHeadBytes = 4096;

std::string_view text_of(const beast::flat_buffer& buffer) {
  const auto data = buffer.cdata();
  return {static_cast<const char*>(data.data()), data.size()};
}

}  // namespace

awaitable<Connection::Arrived> Connection::read_head() {
  const ServerOptions& options = core_->options;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
  parser_->body_limit(boost::none);
  route_ = nullptr;
  dialect_ = core_->options.dialect;
  bytes_in_ = bytes_out_ = 0;
  id_.clear();
  target_.clear();
  note_.clear();
  http_1_0_ = false;
  cors_.clear();
  method_ = Method::kGet;
  const auto refuse = [&](int status, std::string why) {
    head_status_ = status;
    note_ = std::move(why);
    return Arrived::kRefused;
  };

  const bool first = std::exchange(first_, false);
  begin_ = std::chrono::steady_clock::now();
  const SteadyTime next_request = begin_ + (first ? options.header_timeout : options.idle_timeout);
  bool begun = false;
  std::size_t empty = 0;
  if (buffer_.size() == 0) receive_now();
  for (;;) {
    empty += skip_empty_lines();
    if (empty > kMostEmptyLines) co_return refuse(400, "there are too many empty lines");
    if (buffer_.size() > 0) {
      if (!std::exchange(begun, true)) begin_ = std::chrono::steady_clock::now();
      if (auto fault = early_head_fault(text_of(buffer_))) {
        co_return refuse(400, std::move(*fault));
      }
      beast::error_code error;
      const std::size_t used = parser_->put(buffer_.cdata(), error);
      buffer_.consume(used);
      if (!error && parser_->is_header_done()) break;
      const std::string_view head = text_of(buffer_);
      if (error && error != bhttp::error::need_more) {
        const bool long_head =
            error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow;
        const int status = long_head ? 431 : head_fault_status(head);
        co_return refuse(status, head_fault_text(status, head, error));
      }
    } else if (core_->draining) {
      co_return Arrived::kNothing;
    }
    begin_to_wait();
    const bool more = co_await receive(begun ? begin_ + options.header_timeout : next_request);
    if (more) continue;
    if (!timed_out_ || !begun) co_return Arrived::kNothing;
    co_return refuse(408, "the request's header did not arrive in time");
  }
  end_wait();
  co_return Arrived::kWhole;
}

std::size_t Connection::skip_empty_lines() {
  const std::string_view text = text_of(buffer_);
  const std::size_t blank = std::min(text.find_first_not_of("\r\n"), text.size());
  buffer_.consume(blank);
  return blank;
}

std::size_t Connection::receive_now() {
  const auto space = buffer_.prepare(kHeadBytes);
  const auto got = ::recv(socket_.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
  const std::size_t bytes = got > 0 ? static_cast<std::size_t>(got) : 0;
  buffer_.commit(bytes);
  return bytes;
}

awaitable<bool> Connection::receive(SteadyTime until) {
  timed_out_ = false;
  io_deadline_.set(until);
  const auto [error, bytes] = co_await socket_.async_read_some(
      buffer_.prepare(std::min(kHeadBytes, buffer_.max_size() - buffer_.size())), kTuple);
  io_deadline_.clear();
  buffer_.commit(bytes);
  co_return !error;
}

Result<Request> Connection::make_request() {
  const auto& head = parser_->get();
  Request request;
  request.method = method_ = method_from_text(head.method_string());
  request.target = target_ = head.target();
  http_1_0_ = head.version() < 11;
  for (const auto& field : head) request.headers.add(field.name_string(), field.value());
  cors_ = core_->options.cors.fields(request.headers);
  request.peer = peer_;
  request.client = member_.client;
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

std::optional<Response> Connection::refusal(const Request& request, const Router::Match& match) {
  if (match.route == nullptr && method_ == Method::kOptions) {
    if (auto answer = core_->options.cors.preflight(request.headers, match.allow)) return answer;
  }
  if (match.route == nullptr) {
    Response response = dialect_->no_route(match.allow.empty() ? 404 : 405);
    if (!match.allow.empty()) response.headers.set("Allow", match.allow);
    return response;
  }
  const RouteOptions& options = match.route->options;
  if (!options.open && !core_->keys.admits(request.headers)) {
    Response response = failure(401, {ErrorCode::kPermission, "a valid API key is required"});
    response.headers.set("WWW-Authenticate", "Bearer");
    return response;
  }
  if (match.route->websocket) {
    if (auto refused = websocket_refusal(request)) return refused;
  }
  const auto expect = request.headers.get("Expect");
  if (expect && !equals_ignoring_case(*expect, "100-continue")) {
    return failure(417,
                   {ErrorCode::kInvalidArgument, "the only expectation known is 100-continue"});
  }
  if (const auto coding = content_coding(request.headers); !coding) {
    Response response = failure(415, coding.error());
    response.headers.set("Accept-Encoding", std::string(kAcceptedCodings));
    return response;
  }
  const bool unread = method_ == Method::kGet || method_ == Method::kHead;
  const std::size_t limit = unread ? kSmallBody : options.max_body;
  const auto length = parser_->content_length();
  if (length && *length > limit) {
    return failure(413, {ErrorCode::kTooLarge, body_limit_text(limit)});
  }
  if (!options.vital && !core_->take_place(place_, member_.client)) {
    return overloaded("too many requests at once");
  }
  return std::nullopt;
}

}  // namespace npu::http
