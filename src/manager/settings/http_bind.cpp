#include "manager/settings/http_bind.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/ascii.hpp"

namespace npu::manager {
namespace {

constexpr std::string_view kLoopback = "127.0.0.1";

constexpr std::string_view kSpace = " \t\n\v\f\r";

}  // namespace

bool turns_http_off(std::string_view text) {
  constexpr std::array<std::string_view, 7> kOff{"",     "0",       "off",     "false",
                                                 "none", "disable", "disabled"};
  return std::ranges::find(kOff, to_lower(trim(text, kSpace))) != kOff.end();
}

std::optional<HttpBind> parse_http_bind(std::string_view text) {
  if (turns_http_off(text)) return std::nullopt;
  const std::string value = to_lower(trim(text, kSpace));
  const auto colon = value.rfind(':');
  std::string host = colon == std::string::npos ? std::string() : value.substr(0, colon);
  const std::string port = colon == std::string::npos ? value : value.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  HttpBind bind{host.empty() ? std::string(kLoopback) : host, 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), bind.port);
  if (port.empty() || error != std::errc{} || end != port.data() + port.size()) return std::nullopt;
  return bind;
}

}  // namespace npu::manager
