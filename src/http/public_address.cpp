#include "http/public_address.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace npu::http {
namespace {

struct Block {
  std::uint32_t address;
  int bits;
};

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c) {
  return a << 24 | b << 16 | c << 8;
}

// RFC 6890 and its successors.
constexpr std::array<Block, 15> kNotPublic{{
    {v4(0, 0, 0), 8},        // this network
    {v4(10, 0, 0), 8},       // private
    {v4(100, 64, 0), 10},    // shared by carriers
    {v4(127, 0, 0), 8},      // loopback
    {v4(169, 254, 0), 16},   // link-local
    {v4(172, 16, 0), 12},    // private
    {v4(192, 0, 0), 24},     // protocol assignments
    {v4(192, 0, 2), 24},     // documentation
    {v4(192, 88, 99), 24},   // 6to4 relays
    {v4(192, 168, 0), 16},   // private
    {v4(198, 18, 0), 15},    // benchmarks
    {v4(198, 51, 100), 24},  // documentation
    {v4(203, 0, 113), 24},   // documentation
    {v4(224, 0, 0), 4},      // multicast
    {v4(240, 0, 0), 4},      // reserved, broadcast
}};

bool is_public_v4(std::uint32_t address) {
  return std::ranges::none_of(kNotPublic, [&](const Block& block) {
    return (address ^ block.address) >> (32 - block.bits) == 0;
  });
}

std::uint32_t word_at(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

bool is_public_v6(const std::uint8_t* bytes) {
  if ((bytes[0] & 0xe0) != 0x20) return false;  // global unicast is 2000::/3
  const std::uint32_t head = word_at(bytes);
  if (head == 0x20010000) return false;                               // Teredo
  if (head == 0x20010db8) return false;                               // documentation
  if (head >> 16 == 0x3fff && head >> 12 == 0x3fff0) return false;    // documentation
  if (head >> 16 == 0x2002) return is_public_v4(word_at(bytes + 2));  // 6to4
  return true;
}

// The bytes of an IPv4 or IPv6 address; empty for others.
std::span<const std::uint8_t> bytes_of(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(address);
    return {reinterpret_cast<const std::uint8_t*>(&in.sin_addr), sizeof(in.sin_addr)};
  }
  if (address.sa_family == AF_INET6) {
    return reinterpret_cast<const sockaddr_in6&>(address).sin6_addr.s6_addr;
  }
  return {};
}

bool same_network(const sockaddr& a, const sockaddr& b, const sockaddr& mask) {
  if (a.sa_family != b.sa_family) return false;
  const auto left = bytes_of(a);
  const auto right = bytes_of(b);
  const auto bits = bytes_of(mask);
  if (left.empty() || bits.size() != left.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (((left[i] ^ right[i]) & bits[i]) != 0) return false;
  }
  return true;
}

}  // namespace

bool is_on_link(const sockaddr& address) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return true;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, ::freeifaddrs);
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_netmask == nullptr) continue;
    if (same_network(address, *one->ifa_addr, *one->ifa_netmask)) return true;
  }
  return false;
}

bool is_public(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof(in));
    return is_public_v4(ntohl(in.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof(in));
    return is_public_v6(in.sin6_addr.s6_addr);
  }
  return false;
}

}  // namespace npu::http
