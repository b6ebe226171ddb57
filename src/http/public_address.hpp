// Which addresses a request of a client may make us connect to.
#pragma once

struct sockaddr;

namespace npu::http {

// True for global unicast addresses. False for loopback, private, link-local, shared, multicast,
// documentation and reserved ones, for IPv6 addresses that stand for such an IPv4 address, and for
// anything that is not IPv4 or IPv6.
bool is_public(const sockaddr& address);

}  // namespace npu::http
