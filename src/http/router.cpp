#include "http/router.hpp"

#include <algorithm>

#include "http/url_text.hpp"

namespace npu::http {
namespace {

using Params = std::vector<std::pair<std::string, std::string>>;

template <class Text>
std::vector<Text> split(std::string_view path) {
  std::vector<Text> out;
  path.remove_prefix(path.starts_with('/') ? 1 : 0);
  for (;;) {
    const auto slash = path.find('/');
    out.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    path.remove_prefix(slash + 1);
  }
}

bool is_name(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}
bool is_rest(std::string_view segment) { return is_name(segment) && segment.ends_with("...}"); }

std::optional<Params> match(const Route& route, const std::vector<std::string>& path) {
  const auto& pattern = route.segments;
  const bool rest = is_rest(pattern.back());
  if (rest ? path.size() < pattern.size() : path.size() != pattern.size()) return std::nullopt;
  Params params;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view segment = pattern[i];
    if (is_rest(segment)) {
      std::string all = path[i];
      for (std::size_t k = i + 1; k < path.size(); ++k) all += '/' + path[k];
      params.emplace_back(segment.substr(1, segment.size() - 5), std::move(all));
    } else if (is_name(segment)) {
      if (path[i].empty()) return std::nullopt;
      params.emplace_back(segment.substr(1, segment.size() - 2), path[i]);
    } else if (segment != path[i]) {
      return std::nullopt;
    }
  }
  return params;
}

// How many segments the path begins with as the route does, word for word.
std::size_t common_beginning(const Route& route, const std::vector<std::string>& path) {
  const auto ends = std::ranges::mismatch(route.segments, path);
  return static_cast<std::size_t>(ends.in2 - path.begin());
}

void add_allowed(std::string& allow, Method method) {
  const auto add = [&](std::string_view name) {
    if (!allow.empty()) allow += ", ";
    allow += name;
  };
  add(name_of(method));
  if (method == Method::kGet) add("HEAD");
}

}  // namespace

Router& Router::add(Method method, std::string pattern, Handler handler, RouteOptions options) {
  auto segments = split<std::string>(pattern);
  routes_.push_back(
      {method, std::move(pattern), std::move(segments), std::move(handler), {}, options});
  return *this;
}

Router& Router::get(std::string pattern, Handler handler, RouteOptions options) {
  return add(Method::kGet, std::move(pattern), std::move(handler), options);
}

Router& Router::post(std::string pattern, Handler handler, RouteOptions options) {
  return add(Method::kPost, std::move(pattern), std::move(handler), options);
}

Router& Router::websocket(std::string pattern, WebSocketHandler handler, RouteOptions options) {
  add(Method::kGet, std::move(pattern), {}, options);
  routes_.back().websocket = std::move(handler);
  return *this;
}

Result<Router::Match> Router::find(Method method, std::string_view encoded_path) const {
  std::vector<std::string> path;
  for (const auto segment : split<std::string_view>(encoded_path)) {
    auto decoded = percent_decode(segment);
    if (!decoded) return fail(decoded.error());
    path.push_back(std::move(*decoded));
  }
  const Method wanted = method == Method::kHead ? Method::kGet : method;
  Match found;
  std::size_t alike = 0;
  for (const Route& route : routes_) {
    std::size_t same = common_beginning(route, path);
    if (auto params = match(route, path)) {
      if (route.method == wanted)
        return Match{&route, std::move(*params), {}, route.options.dialect};
      add_allowed(found.allow, route.method);
      same = path.size() + 1;  // more than any route that only begins like the path
    }
    if (same > alike) {
      alike = same;
      found.dialect = route.options.dialect;
    }
  }
  return found;
}

std::size_t Router::largest_body() const {
  std::size_t largest = 0;
  for (const Route& route : routes_) largest = std::max(largest, route.options.max_body);
  return largest;
}

}  // namespace npu::http
