#include "http/client_key.hpp"

namespace npu::http {
namespace asio = boost::asio;
namespace {

// No network has the prefix 0:ffff::/32, so that IPv4 addresses have it to themselves.
constexpr std::uint64_t kIpv4 = 0x0000'ffff'0000'0000;

}  // namespace

ClientKey client_key(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return client_key(asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()));
  }
  if (address.is_loopback()) return {};
  if (address.is_v4()) return {kIpv4 | address.to_v4().to_uint()};
  std::uint64_t network = 0;
  const auto bytes = address.to_v6().to_bytes();
  for (std::size_t i = 0; i < 8; ++i) network = network << 8 | bytes.at(i);
  return {network};
}

}  // namespace npu::http
