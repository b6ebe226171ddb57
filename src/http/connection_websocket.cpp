#include "http/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

namespace npu::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
namespace websocket = boost::beast::websocket;

namespace {

constexpr int kSwitchingProtocols = 101;

// A page of this server itself: its origin is http://HOST or https://HOST.
bool is_same_origin(std::string_view origin, std::string_view host) {
  const auto scheme_end = origin.find("://");
  return scheme_end != std::string_view::npos &&
         equals_ignoring_case(origin.substr(scheme_end + 3), host);
}

}  // namespace

std::optional<Response> Connection::websocket_refusal(const Request& request) const {
  if (!websocket::is_upgrade(parser_->get()) ||
      request.headers.get("Sec-WebSocket-Version") != "13") {
    Response response = failure(
        426, {ErrorCode::kInvalidArgument, "this is a WebSocket: ask for the upgrade to it"});
    response.headers.set("Upgrade", "websocket");
    response.headers.set("Sec-WebSocket-Version", "13");
    return response;
  }
  // Browsers open WebSockets for any page without asking before, so this decides for the page.
  const auto origin = request.headers.get("Origin");
  const auto host = request.headers.get("Host").value_or("");
  if (origin && !is_same_origin(*origin, host) && !core_->options.cors.allows(*origin)) {
    return failure(403, {ErrorCode::kPermission,
                         "pages of this origin may not use the service: server.cors_origins"});
  }
  if (!parser_->is_done() || buffer_.size() > 0) {
    return failure(400,
                   {ErrorCode::kMalformed, "nothing may follow before the upgrade is answered"});
  }
  return std::nullopt;
}

awaitable<void> Connection::serve_websocket(Request request, const Route& route) {
  const auto& head = parser_->get();
  WebSocketSession::UpgradeRequest upgrade(bhttp::verb::get, head.target(), head.version());
  for (const auto& field : head) upgrade.insert(field.name_string(), field.value());

  const ServerOptions& options = core_->options;
  WebSocketLimits limits{.max_message = route.options.max_body,
                         .handshake = options.header_timeout,
                         .idle = options.idle_timeout,
                         .stall = options.stall_timeout,
                         .min_rate = options.min_transfer_rate};
  WebSocketSession session(socket_, limits, intake_, [this] {
    gone_ = true;
    if (watching_) cancel_handler();
  });
  end_wait();
  if (!co_await session.accept(upgrade, id_)) {
    observe(head_status_);
    co_return;
  }

  const auto timeout = route.options.timeout;
  request.deadline = timeout ? std::chrono::steady_clock::now() + *timeout : SteadyTime::max();
  begin_deadline(request.deadline);
  request.stop = stop_.get_token();
  websocket_ = &session;
  asio::steady_timer read_ended(socket_.get_executor(), SteadyTime::max());
  bool reading = true;
  asio::co_spawn(socket_.get_executor(), session.read_all(), [&](const std::exception_ptr&) {
    reading = false;
    read_ended.cancel();
  });

  const Handler handler = [&](Request asked) -> awaitable<Result<Response>> {
    const Status served = co_await route.websocket(std::move(asked), session);
    if (!served) co_return fail(served.error());
    co_return Response{};
  };
  const auto ended = co_await call(handler, std::move(request));
  end_watch();
  websocket_ = nullptr;
  place_.drop();
  begin_to_wait();
  if (!ended) {
    co_await session.close(close_code(ended.error().code), ended.error().message);
  } else {
    co_await session.close(
        core_->draining ? websocket::close_code::going_away : websocket::close_code::normal, {});
  }
  beast::close_socket(socket_);
  while (reading) (void)co_await read_ended.async_wait(kTuple);
  bytes_in_ += session.bytes_in();
  bytes_out_ += session.bytes_out();
  if (!ended) note_ = ended.error().message;
  observe(kSwitchingProtocols);
}

void Connection::drain() {
  if (websocket_ != nullptr) websocket_->drain();
}

}  // namespace npu::http
