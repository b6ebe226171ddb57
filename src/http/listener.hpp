// The sockets on which a server listens. Internal to http/.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <npu/result.hpp>

#include "base/spare_descriptor.hpp"
#include "http/server_core.hpp"

namespace npu::http {

// Where a server listens: endpoints, and whether each of them takes IPv6 only.
struct BindAddress {
  boost::asio::ip::tcp::endpoint endpoint;
  bool only_v6 = false;
};

// host: an address, with or without brackets; a name, of which all addresses are taken; several of
// these with commas; "*" for all addresses; empty for 127.0.0.1. Fails with kInvalidArgument.
Result<std::vector<BindAddress>> bind_addresses(const boost::asio::any_io_executor& executor,
                                                const std::string& host, std::uint16_t port);

// One listening socket. What has been connected is accepted at once, whatever the connections do
// that there are.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(boost::asio::any_io_executor executor, std::shared_ptr<ServerCore> core);

  boost::system::error_code open(const BindAddress& address);
  void close();
  boost::asio::ip::tcp::endpoint endpoint() const;

  // Accepts until it is closed.
  awaitable<void> run();

 private:
  enum class Accepted { kOne, kNone, kNoRoom, kFailed };

  Accepted accept_one();
  void admit(int descriptor, const boost::asio::ip::tcp::endpoint& peer);
  Accepted failed(int error);
  Accepted out_of_descriptors(int error);

  boost::asio::any_io_executor executor_;
  std::shared_ptr<ServerCore> core_;
  boost::asio::ip::tcp::acceptor acceptor_;
  SpareDescriptor spare_;
  Episode no_descriptors_;
  Episode failing_;
};

}  // namespace npu::http
