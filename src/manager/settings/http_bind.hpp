// Where the manager's HTTP endpoints listen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace npu::manager {

struct HttpBind {
  std::string host;
  std::uint16_t port = 0;  // 0 takes any free one; only "host:0" says so
};

// Whether the text is one of "", "0", "off", "false", "none", "disable" and "disabled".
bool turns_http_off(std::string_view text);

// "host:port", "[v6]:port", "port" and ":port" (both on 127.0.0.1). Empty for what turns HTTP off,
// and for a port that is no number in 0..65535.
std::optional<HttpBind> parse_http_bind(std::string_view text);

}  // namespace npu::manager
