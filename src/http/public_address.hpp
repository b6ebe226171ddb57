// Which addresses a request of a client may make us connect to.
#pragma once

struct sockaddr;

namespace npu::http {

// True for global unicast addresses. False for loopback, private, link-local, shared, multicast,
// documentation and reserved ones, for IPv6 addresses that stand for such an IPv4 address, and for
// anything that is not IPv4 or IPv6.
bool is_public(const sockaddr& address);

// True for an address in the network of one of this machine's interfaces, its own address included.
// With IPv6 these are mostly global addresses that a router shields from the world, but not from
// us. Also true where the interfaces cannot be listed, which takes AF_NETLINK.
bool is_on_link(const sockaddr& address);

}  // namespace npu::http
