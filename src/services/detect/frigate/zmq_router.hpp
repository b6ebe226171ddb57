// A ROUTER socket of ZeroMQ on an Asio executor.
//
// It receives from any number of REQ sockets and answers each by its identity. Used on one
// executor.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <npu/result.hpp>

namespace npu::detect::frigate {

// What one peer sent, in its own memory.
class ZmqMessage {
 public:
  virtual ~ZmqMessage() = default;
  virtual const std::string& peer() const = 0;
  virtual std::vector<std::string_view> parts() const = 0;  // behind the empty one
};

class ZmqRouter {
 public:
  // Of one part of a message. Whoever sends a larger one is disconnected.
  static constexpr std::size_t kMaxPartBytes = std::size_t{16} << 20;

  // Binds. endpoint: ipc:// with an absolute path, or tcp://address:port ("*" for any free port).
  // A socket that lies at the path is replaced. Fails with kInvalidArgument, kPermission or
  // kUnavailable, in words that name the endpoint.
  static Result<std::unique_ptr<ZmqRouter>> bind(const boost::asio::any_io_executor& executor,
                                                 const std::string& endpoint);
  virtual ~ZmqRouter() = default;

  // What was really bound.
  virtual std::string endpoint() const = 0;
  // Gives what arrives to on_message, until it is cancelled.
  virtual boost::asio::awaitable<void> run(
      std::function<void(std::shared_ptr<const ZmqMessage>)> on_message) = 0;
  // Never waits: what a peer that is gone, or does not read, should get is dropped.
  virtual void send(std::string_view peer, std::string_view part) = 0;
};

}  // namespace npu::detect::frigate
