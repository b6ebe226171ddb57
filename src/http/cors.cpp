#include "http/cors.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace npu::http {
namespace {

// How long a browser need not ask again, in seconds. Firefox takes a day, Chromium two hours.
constexpr const char* kMaxAge = "7200";
constexpr const char* kExposed = "X-Request-Id, Retry-After, Content-Range, ETag";

bool is_origin(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return false;
  const auto host = text.substr(scheme + 3);
  const auto is_bad = [](char c) {
    return c <= ' ' || c >= 0x7f || c == '/' || c == '?' || c == '#' || c == '@' || c == '*' ||
           (c >= 'A' && c <= 'Z');
  };
  return !host.empty() && std::ranges::none_of(host, is_bad);
}

}  // namespace

Result<CorsPolicy> CorsPolicy::make(std::vector<std::string> origins) {
  CorsPolicy policy;
  for (std::string& origin : origins) {
    if (origin == "*") {
      policy.all_ = true;
    } else if (!is_origin(origin)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("server.cors_origins must be * or origins as browsers send them, "
                              "https://portal.local:8443, got {}",
                              origin));
    }
  }
  policy.origins_ = std::move(origins);
  return policy;
}

bool CorsPolicy::allows(std::string_view origin) const {
  return all_ || std::ranges::find(origins_, origin) != origins_.end();
}

std::vector<Headers::Field> CorsPolicy::fields(const Headers& request) const {
  std::vector<Headers::Field> out;
  if (origins_.empty()) return out;
  // A cache must not give what was meant for one origin, or for none, to another one.
  if (!all_) out.emplace_back("Vary", "Origin");
  const auto origin = request.get("Origin");
  if (!origin || !allows(*origin)) return out;
  out.emplace_back("Access-Control-Allow-Origin", all_ ? "*" : std::string(*origin));
  out.emplace_back("Access-Control-Expose-Headers", kExposed);
  return out;
}

std::optional<Response> CorsPolicy::preflight(const Headers& request,
                                              std::string_view methods) const {
  const auto origin = request.get("Origin");
  if (methods.empty() || !origin || !request.get("Access-Control-Request-Method")) return {};
  if (!allows(*origin)) return {};
  Response response;
  response.status = 204;
  response.headers.set("Access-Control-Allow-Methods", std::string(methods));
  // What a page wants to send is harmless to a service that reads what it knows.
  if (const auto wanted = request.get("Access-Control-Request-Headers")) {
    response.headers.set("Access-Control-Allow-Headers", std::string(*wanted));
    response.headers.add("Vary", "Access-Control-Request-Headers");
  }
  response.headers.set("Access-Control-Max-Age", kMaxAge);
  return response;
}

}  // namespace npu::http
