// Who a connection is counted for where clients share something.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

#include <boost/asio/ip/address.hpp>

namespace npu::http {

// One IPv4 address, or the 64 bits of an IPv6 address that its network has given out: below them a
// host takes whatever it likes. All loopback addresses are one, for whoever has one has all.
struct ClientKey {
  std::uint64_t value = 0;

  auto operator<=>(const ClientKey&) const = default;
};

ClientKey client_key(const boost::asio::ip::address& address);

}  // namespace npu::http

template <>
struct std::hash<npu::http::ClientKey> {
  std::size_t operator()(npu::http::ClientKey key) const noexcept {
    return std::hash<std::uint64_t>()(key.value);
  }
};
