// WebSockets (RFC 6455), served by a coroutine as requests are.
//
//   router.websocket("/v1/stream", [&](Request request, WebSocket& socket) -> awaitable<Status> {
//     for (;;) {
//       auto message = co_await socket.receive();
//       if (!message) co_return Status{};  // the client has closed it or is gone
//       auto answer = co_await work(message->data);
//       if (!answer) co_return fail(answer.error());  // tells it to the client
//       if (!co_await socket.send_text(*answer)) co_return Status{};
//     }
//   }, {.max_body = 1 << 20});
//
// max_body of the route is the size of the largest message, and of all that wait for receive();
// timeout, where it is set, is for the whole connection. Pings are answered and sent. A connection
// holds the place of one request. Browsers say from which page they come: only those of this
// server and of server.cors_origins are let in.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include <npu/result.hpp>

#include "http/request.hpp"

namespace npu::http {

using boost::asio::awaitable;

struct WebSocketMessage {
  std::string data;
  bool binary = false;  // else text, which is UTF-8
};

// Valid while the handler runs, on its executor. One coroutine may receive while another one sends.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  // The next message. Fails with kCancelled when the client has closed the connection or is gone,
  // or the server stops. A client that sends faster than messages are received is slowed down; one
  // of whom nothing is received for idle_timeout of the server is let go.
  virtual awaitable<Result<WebSocketMessage>> receive() = 0;

  // Completes when the kernel has taken the message: a slow reader slows the writer. Fails with
  // kCancelled when the client is gone, has closed, or reads too slowly.
  virtual awaitable<Status> send_text(std::string_view text) = 0;  // UTF-8
  virtual awaitable<Status> send_binary(std::string_view bytes) = 0;
};

// Runs after the upgrade. When it returns the connection is closed: with 1000, or with what its
// error means (1008 for a mistake of the client, 1009, 1013 where later may do, else 1011) and the
// message of it. It is cancelled, as a request's handler is, when the client is gone or closes
// while it does not receive().
using WebSocketHandler = std::function<awaitable<Status>(Request, WebSocket&)>;

// The code to close with for a handler's error.
std::uint16_t close_code(ErrorCode code);

}  // namespace npu::http
