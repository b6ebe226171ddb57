#include "cli/services/redact.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include "base/ascii.hpp"

namespace npu::cli {
namespace {

constexpr std::size_t kShortestKnown = 6;

constexpr std::array<std::string_view, 12> kSecretWords{
    "key",  "keys",   "token",      "tokens",      "pass", "passwd",
    "auth", "cookie", "credential", "credentials", "pwd",  "authorization"};
constexpr std::array<std::string_view, 6> kSecretParts{"password", "passphrase", "secret",
                                                       "token",    "apikey",     "privatekey"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_of_name(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

// "apiKey" and "API_KEY" are api and key.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool hump = i > 0 && is_upper(c) && !is_upper(name[i - 1]);
    if ((!is_letter(c) || hump) && !words.back().empty()) words.emplace_back();
    if (is_letter(c)) words.back() += to_lower(std::string_view(&c, 1));
  }
  return words;
}

struct Assignment {
  std::size_t name = 0;   // where it begins
  std::size_t value = 0;  // after the sign and its blanks
};

std::size_t skip_blanks(std::string_view line, std::size_t at) {
  while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
  return at;
}

// The first secret name at or after `from` that has a value: NAME=, NAME: , "NAME":
std::optional<Assignment> find_secret(std::string_view line, std::size_t from) {
  for (std::size_t at = from; at < line.size(); ++at) {
    if (!is_of_name(line[at]) || (at > from && is_of_name(line[at - 1]))) continue;
    std::size_t end = at;
    while (end < line.size() && is_of_name(line[end])) ++end;
    std::size_t sign = end;
    if (sign < line.size() && (line[sign] == '"' || line[sign] == '\'')) ++sign;
    sign = skip_blanks(line, sign);
    const bool assigns = sign < line.size() && (line[sign] == '=' || line[sign] == ':');
    if (assigns && names_a_secret(line.substr(at, end - at))) {
      return Assignment{at, skip_blanks(line, sign + 1)};
    }
    at = end;
  }
  return std::nullopt;
}

// A token of a log line: what is in quotes or brackets, or up to the next blank. "Bearer x" is one.
std::size_t end_of_token(std::string_view line, std::size_t at) {
  if (at >= line.size()) return at;
  constexpr std::string_view kOpening = "\"'[{(";
  constexpr std::string_view kClosing = "\"']})";
  const auto kind = kOpening.find(line[at]);
  if (kind != std::string_view::npos) {
    const auto close = line.find(kClosing[kind], at + 1);
    return close == std::string_view::npos ? line.size() : close + 1;
  }
  const auto end_of_word = [&](std::size_t from) {
    return std::min(line.find_first_of(" \t,;&\"'", from), line.size());
  };
  const std::size_t end = end_of_word(at);
  const std::string word = to_lower(line.substr(at, end - at));
  const bool scheme = word == "bearer" || word == "basic" || word == "token";
  return scheme ? end_of_word(skip_blanks(line, end)) : end;
}

// What is between :// and the @ of an address.
std::string without_url_users(std::string_view line) {
  constexpr std::string_view kScheme = "://";
  std::string out;
  for (std::size_t at = 0;;) {
    const auto scheme = line.find(kScheme, at);
    if (scheme == std::string_view::npos) return out.append(line.substr(at));
    const auto begin = scheme + kScheme.size();
    out.append(line.substr(at, begin - at));
    const auto end = std::min(line.find_first_of("/?# \t\"'<>", begin), line.size());
    const auto sign = line.substr(begin, end - begin).rfind('@');
    at = begin;
    if (sign == std::string_view::npos) continue;
    out.append(kRemoved);
    at = begin + sign;
  }
}

std::string without_bearer(std::string line) {
  constexpr std::string_view kBearer = "bearer ";
  const auto at = to_lower(line).find(kBearer);
  if (at == std::string::npos) return line;
  const auto value = skip_blanks(line, at + kBearer.size());
  const auto end = end_of_token(line, value);
  if (end > value) line.replace(value, end - value, kRemoved);
  return line;
}

int open_brackets(std::string_view text) {
  int open = 0;
  for (const char c : text) open += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
  return open;
}

template <class Fn>
void each_line(std::string_view text, const Fn& fn) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    fn(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

bool names_a_secret(std::string_view name) {
  const auto words = words_of(name);
  const auto is_secret = [](const std::string& word) {
    return std::ranges::find(kSecretWords, word) != kSecretWords.end() ||
           std::ranges::any_of(kSecretParts, [&](std::string_view part) {
             return word.find(part) != std::string::npos;
           });
  };
  return std::ranges::any_of(words, is_secret);
}

void Redactor::add_secret(std::string_view value) {
  if (value.size() >= kShortestKnown) secrets_.emplace_back(value);
  // A longer one may hold a shorter one.
  std::ranges::sort(secrets_, std::greater<>(), &std::string::size);
}

std::string Redactor::without_known(std::string line) const {
  for (const auto& secret : secrets_) {
    for (auto at = line.find(secret); at != std::string::npos;
         at = line.find(secret, at + kRemoved.size())) {
      line.replace(at, secret.size(), kRemoved);
    }
  }
  return line;
}

std::string Redactor::text(std::string_view text) const {
  std::string out;
  each_line(text, [&](std::string_view line) {
    std::string clean;
    std::size_t done = 0;
    while (const auto secret = find_secret(line, done)) {
      clean.append(line.substr(done, secret->value - done)).append(kRemoved);
      done = std::max(end_of_token(line, secret->value), secret->value);
    }
    clean.append(line.substr(std::min(done, line.size())));
    out += without_known(without_bearer(without_url_users(clean))) + "\n";
  });
  return out;
}

std::string Redactor::config(std::string_view text) const {
  std::string out;
  std::optional<std::size_t> hidden_under;  // column of the name whose value goes on
  int open = 0;                             // brackets of that value
  each_line(text, [&](std::string_view line) {
    const auto indent = line.find_first_not_of(" \t");
    if (hidden_under) {
      const bool empty = indent == std::string_view::npos;
      const bool item = !empty && line[indent] == '-' && indent >= *hidden_under;
      if (open > 0 || empty || indent > *hidden_under || item) {
        open += open_brackets(line);
        return;
      }
      hidden_under.reset();
    }
    const auto secret = find_secret(line, 0);
    if (!secret) {
      out += without_known(without_bearer(without_url_users(line))) + "\n";
      return;
    }
    out.append(line.substr(0, secret->value)).append(kRemoved).append("\n");
    // A comment ends with its line.
    if (indent != std::string_view::npos && line[indent] == '#') return;
    hidden_under = indent;
    open = std::max(open_brackets(line.substr(secret->value)), 0);
  });
  return out;
}

}  // namespace npu::cli
