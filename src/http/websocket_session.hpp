// A WebSocket over the socket of a connection. Internal to http/.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "base/clock.hpp"
#include "http/body_intake.hpp"
#include "http/io_deadline.hpp"
#include "http/minimum_rate.hpp"
#include "http/websocket.hpp"

namespace npu::http {

struct WebSocketLimits {
  std::size_t max_message = 0;
  Millis handshake{};  // for the upgrade, and for the client's part of the closing
  Millis idle{};       // without a sign of life, pings included
  Millis stall{};      // see ServerOptions
  std::size_t min_rate = 0;
};

class WebSocketSession final : public WebSocket {
 public:
  using UpgradeRequest = boost::beast::http::request<boost::beast::http::empty_body>;

  // intake: counts what waits to be received. gone(): the client has left while nobody receives.
  // Both and the socket outlive it.
  WebSocketSession(boost::asio::ip::tcp::socket& socket, WebSocketLimits limits, BodyIntake& intake,
                   std::function<void()> gone);

  // Answers the upgrade. False: the connection is of no more use.
  awaitable<bool> accept(const UpgradeRequest& request, std::string request_id);
  // Reads until the client has closed or is gone. Runs beside the handler.
  awaitable<void> read_all();
  awaitable<void> close(std::uint16_t code, std::string_view reason);
  // receive() fails from now on once there is nothing to receive: the server stops.
  void drain();

  awaitable<Result<WebSocketMessage>> receive() override;
  awaitable<Status> send_text(std::string_view text) override;
  awaitable<Status> send_binary(std::string_view bytes) override;

  std::uint64_t bytes_in() const { return bytes_in_; }
  std::uint64_t bytes_out() const { return bytes_out_; }

 private:
  awaitable<bool> read_one(WebSocketMessage& message);
  awaitable<Status> send(std::string_view bytes, bool binary);
  awaitable<void> wait(boost::asio::steady_timer& until_cancelled);
  MinimumRate begin_transfer() const;

  boost::asio::ip::tcp::socket& socket_;
  boost::beast::websocket::stream<boost::asio::ip::tcp::socket&> stream_;
  WebSocketLimits limits_;
  BodyIntake& intake_;
  std::function<void()> gone_;
  IoDeadline reading_;
  IoDeadline writing_;
  boost::beast::flat_buffer buffer_;
  std::deque<WebSocketMessage> inbox_;
  std::size_t inbox_bytes_ = 0;
  boost::asio::steady_timer arrived_;  // cancelled when the inbox has something, or the end
  boost::asio::steady_timer taken_;    // when there is room in it
  boost::asio::steady_timer close_ended_;
  bool receiving_ = false;
  bool ended_ = false;  // nothing more is sent, and only what has arrived is received
  bool closing_ = false;
  bool closed_ = false;
  bool draining_ = false;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
};

}  // namespace npu::http
