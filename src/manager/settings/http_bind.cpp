#include "manager/settings/http_bind.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace npu::manager {
namespace {

constexpr std::string_view kLoopback = "127.0.0.1";

std::string trimmed_lower(std::string_view text) {
  const auto blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

}  // namespace

bool turns_http_off(std::string_view text) {
  constexpr std::array<std::string_view, 7> kOff{"",     "0",       "off",     "false",
                                                 "none", "disable", "disabled"};
  return std::ranges::find(kOff, trimmed_lower(text)) != kOff.end();
}

std::optional<HttpBind> parse_http_bind(std::string_view text) {
  if (turns_http_off(text)) return std::nullopt;
  const std::string value = trimmed_lower(text);
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
