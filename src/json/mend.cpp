#include "json/mend.hpp"

#include <array>
#include <charconv>
#include <cstdint>

namespace npu::json {
namespace {

constexpr std::size_t kEscape = 6;  // \uXXXX

// The UTF-16 code unit whose escape begins at `at`.
std::optional<std::uint16_t> code_unit(std::string_view text, std::size_t at) {
  if (text.size() - at < kEscape || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  std::uint16_t unit = 0;
  const char* const digits = text.data() + at + 2;
  const auto read = std::from_chars(digits, digits + 4, unit, 16);
  if (read.ptr != digits + 4) return std::nullopt;
  return unit;
}

bool is_high(std::uint16_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(std::uint16_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

bool is_between_tokens(char c) {
  return std::string_view(" \t\r\n,:[]{}").find(c) != std::string_view::npos;
}

class Mender {
 public:
  explicit Mender(std::string_view text) : text_(text) {}

  std::optional<Mended> run() {
    for (std::size_t at = 0; at < text_.size();) {
      switch (text_[at]) {
        case '"': at = after_string(at); break;
        case 'N': at = after_number(at, "NaN"); break;
        case 'I': at = after_number(at, "Infinity"); break;
        default: ++at;
      }
    }
    if (mended_.text.empty()) return std::nullopt;
    return std::move(mended_);
  }

 private:
  std::size_t after_string(std::size_t at) {
    ++at;
    while (at < text_.size() && text_[at] != '"') {
      at = text_[at] == '\\' ? after_escape(at) : at + 1;
    }
    return at + 1;
  }

  std::size_t after_escape(std::size_t at) {
    const auto unit = code_unit(text_, at);
    if (!unit) return at + 2;
    if (is_high(*unit)) {
      const auto next = code_unit(text_, at + kEscape);
      if (next && is_low(*next)) return at + 2 * kEscape;
    }
    if (is_high(*unit) || is_low(*unit)) replace(at, "\\ufffd");
    return at + kEscape;
  }

  std::size_t after_number(std::size_t at, std::string_view name) {
    const std::size_t end = at + name.size();
    if (text_.substr(at, name.size()) != name) return at + 1;
    const bool begins = at == 0 || text_[at - 1] == '-' || is_between_tokens(text_[at - 1]);
    if (!begins || (end < text_.size() && !is_between_tokens(text_[end]))) return at + 1;
    replace(at, std::string_view("0       ").substr(0, name.size()));
    mended_.numbers = true;
    return end;
  }

  void replace(std::size_t at, std::string_view with) {
    if (mended_.text.empty()) mended_.text = text_;
    mended_.text.replace(at, with.size(), with);
  }

  std::string_view text_;
  Mended mended_;
};

}  // namespace

std::optional<Mended> mend(std::string_view text) { return Mender(text).run(); }

}  // namespace npu::json
