// Which programs listen on a TCP port, as /proc tells it: no other tool has to be installed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace npu::cli {

struct PortHolder {
  std::string address;   // "127.0.0.1", "::", ...
  std::int64_t pid = 0;  // 0: it may not be seen (another user's, without sudo)
  std::string program;  // "python3 /usr/bin/frigate", as much of it as says which; "" without a pid
  std::string unit;     // of systemd, "" for none

  // "python3 frigate.py (pid 812, frigate.service)", "another program (see which with sudo)"
  std::string text() const;
};

// Listeners on the port, of IPv4 and IPv6. root: of a made-up machine.
std::vector<PortHolder> holders_of_port(int port, const std::string& root = {});

// Those that keep a service from listening on this host (server.host).
std::vector<PortHolder> in_the_way(const std::vector<PortHolder>& holders, std::string_view host);

}  // namespace npu::cli
