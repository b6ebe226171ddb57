#include "http/url_text.hpp"

namespace npu::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<std::string> percent_decode(std::string_view text, Percent how) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && how == Percent::kQuery) {
      out += ' ';
    } else if (text[i] == '%') {
      const bool room = text.size() - i > 2;
      const int high = room ? hex_digit(text[i + 1]) : -1;
      const int low = room ? hex_digit(text[i + 2]) : -1;
      if ((high < 0 || low < 0) && how == Percent::kQuery) {
        out += '%';
        continue;
      }
      if (high < 0 || low < 0 || high + low == 0) {
        return fail(ErrorCode::kMalformed, "invalid percent-encoding in the request target");
      }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Result<Query> Query::parse(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), Percent::kQuery);
    auto value = percent_decode(
        equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1),
        Percent::kQuery);
    if (!name) return fail(name.error());
    if (!value) return fail(value.error());
    query.pairs_.emplace_back(std::move(*name), std::move(*value));
  }
  return query;
}

std::optional<std::string_view> Query::get(std::string_view name) const {
  for (const auto& [key, value] : pairs_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Result<TargetParts> split_target(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const auto slash = target.find_first_of("/?", scheme.size());
    if (slash == std::string_view::npos) return TargetParts{"/", {}};
    target.remove_prefix(slash);
    if (target.front() == '?') return TargetParts{"/", target.substr(1)};
    break;
  }
  if (!target.starts_with('/')) {
    return fail(ErrorCode::kMalformed, "the request target must begin with a slash");
  }
  const auto mark = target.find('?');
  if (mark == std::string_view::npos) return TargetParts{target, {}};
  return TargetParts{target.substr(0, mark), target.substr(mark + 1)};
}

}  // namespace npu::http
