#include "http/request.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace npu::http {

std::string_view name_of(Method method) {
  constexpr std::array<std::string_view, 8> kNames{"GET",   "HEAD",   "POST",    "PUT",
                                                   "PATCH", "DELETE", "OPTIONS", "OTHER"};
  return kNames.at(static_cast<std::size_t>(method));
}

std::string_view Request::param(std::string_view name) const {
  for (const auto& [key, value] : path_params) {
    if (key == name) return value;
  }
  return {};
}

std::string Request::content_type() const {
  const std::string_view value = headers.get("Content-Type").value_or("");
  return to_lower(trim(value.substr(0, value.find(';'))));
}

Millis Request::time_left() const {
  const auto now = std::chrono::steady_clock::now();
  if (deadline == SteadyTime::max()) return std::chrono::hours(24);
  return std::max(Millis(1), std::chrono::duration_cast<Millis>(deadline - now));
}

}  // namespace npu::http
