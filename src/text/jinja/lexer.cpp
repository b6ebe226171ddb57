#include "text/jinja/lexer.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "text/jinja/error.hpp"
#include "text/unicode.hpp"

namespace npu::text::jinja {
namespace {

constexpr std::size_t kMostTokens = 200'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

void strip_right(std::string& text) {
  while (!text.empty() && is_space(text.back())) text.pop_back();
}

// The space behind the last line end goes, if nothing else is there.
void strip_line(std::string& text, bool begins_line) {
  std::size_t at = text.size();
  while (at > 0 && is_space(text[at - 1]) && text[at - 1] != '\n') --at;
  if (at == 0 ? begins_line : text[at - 1] == '\n') text.resize(at);
}

class Lexer {
 public:
  // Lines end with \n.
  explicit Lexer(std::string_view source) : rest_(source) {
    if (rest_.ends_with('\n')) rest_.remove_suffix(1);
  }

  std::vector<Token> run() {
    while (!rest_.empty()) {
      take_text();
      if (rest_.starts_with("{{")) {
        take_code("{{", "}}", TokenKind::kVariableBegin, TokenKind::kVariableEnd);
      } else if (rest_.starts_with("{%")) {
        if (!take_raw()) take_code("{%", "%}", TokenKind::kBlockBegin, TokenKind::kBlockEnd);
      } else if (rest_.starts_with("{#")) {
        take_comment();
      }
    }
    add(TokenKind::kEnd, {});
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void wrong(std::string_view what) const {
    throw TemplateError(fmt::format("line {}: {}", line_, what), ErrorCode::kMalformed);
  }

  void add(TokenKind kind, std::string text) {
    if (tokens_.size() >= kMostTokens) {
      throw TemplateError("the template is too long", ErrorCode::kTooLarge);
    }
    tokens_.push_back({kind, std::move(text), line_});
  }

  void skip(std::size_t count) {
    line_ += static_cast<std::size_t>(std::ranges::count(rest_.substr(0, count), '\n'));
    rest_.remove_prefix(count);
  }

  // Up to the next thing that is no text, which says how much of the space before it stays.
  void take_text() {
    std::size_t at = 0;
    for (;;) {
      at = std::min(rest_.find('{', at), rest_.size());
      if (at + 1 >= rest_.size()) {
        at = rest_.size();
        break;
      }
      if (std::string_view("{%#").find(rest_[at + 1]) != std::string_view::npos) break;
      ++at;
    }
    std::string text(rest_.substr(0, at));
    const bool begins_line = at_line_begin_;
    if (at + 2 < rest_.size() && rest_[at + 2] == '-') {
      strip_right(text);
    } else if (at + 1 < rest_.size() && rest_[at + 1] != '{' &&
               !(at + 2 < rest_.size() && rest_[at + 2] == '+')) {
      strip_line(text, begins_line);
    }
    if (at > 0) at_line_begin_ = rest_[at - 1] == '\n';
    skip(at);
    if (!text.empty()) add(TokenKind::kText, std::move(text));
  }

  // What stands behind a tag: the end of the line after a block, or all space.
  void end_tag(std::size_t size, bool strips, bool trims) {
    skip(size);
    at_line_begin_ = false;
    if (strips) {
      std::size_t space = 0;
      while (space < rest_.size() && is_space(rest_[space])) ++space;
      at_line_begin_ = space > 0 && rest_[space - 1] == '\n';
      skip(space);
    } else if (trims && rest_.starts_with('\n')) {
      skip(1);
      at_line_begin_ = true;
    }
  }

  void take_comment() {
    const auto end = rest_.find("#}", 2);
    if (end == std::string_view::npos) wrong("a comment has no end: #} is missing");
    const bool strips = rest_[end - 1] == '-' && end > 2;
    end_tag(end + 2, strips, rest_[end - 1] != '+');
  }

  // {% raw %} … {% endraw %}: the line's end behind the first one stays.
  bool take_raw() {
    const auto begin = tag_size(rest_, "raw");
    if (!begin || rest_[*begin - 3] == '+') return false;
    end_tag(*begin, rest_[*begin - 3] == '-', false);
    for (std::size_t at = rest_.find("{%"); at != std::string_view::npos;
         at = rest_.find("{%", at + 2)) {
      const auto end = tag_size(rest_.substr(at), "endraw");
      if (!end) continue;
      std::string text(rest_.substr(0, at));
      if (rest_[at + 2] == '-') {
        strip_right(text);
      } else if (rest_[at + 2] != '+') {
        strip_line(text, at_line_begin_);
      }
      if (!text.empty()) add(TokenKind::kText, std::move(text));
      const char mark = rest_[at + *end - 3];
      end_tag(at + *end, mark == '-', mark != '+');
      return true;
    }
    wrong("{% raw %} has no {% endraw %}");
  }

  // The bytes of the tag that the text begins with, if it is this one.
  static std::optional<std::size_t> tag_size(std::string_view text, std::string_view name) {
    std::size_t at = 2;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    while (at < text.size() && is_space(text[at])) ++at;
    if (!text.substr(std::min(at, text.size())).starts_with(name)) return std::nullopt;
    at += name.size();
    while (at < text.size() && is_space(text[at])) ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (!text.substr(std::min(at, text.size())).starts_with("%}")) return std::nullopt;
    return at + 2;
  }

  void take_code(std::string_view open, std::string_view close, TokenKind begin, TokenKind end) {
    add(begin, std::string(open));
    skip(2);
    if (rest_.starts_with('-') || rest_.starts_with('+')) skip(1);
    std::string brackets;  // that are open
    for (;;) {
      std::size_t space = 0;
      while (space < rest_.size() && is_space(rest_[space])) ++space;
      skip(space);
      if (rest_.empty()) wrong(fmt::format("{} is missing", close));
      const bool marked = rest_.front() == '-' || rest_.front() == '+';
      if (brackets.empty() && rest_.substr(marked ? 1 : 0).starts_with(close)) {
        const char mark = rest_.front();
        add(end, std::string(close));
        end_tag(close.size() + (marked ? 1 : 0), mark == '-',
                end == TokenKind::kBlockEnd && mark != '+');
        return;
      }
      take_token(brackets);
    }
  }

  void take_token(std::string& brackets) {
    const char c = rest_.front();
    if (begins_name(c)) {
      take_while(TokenKind::kName, [](char x) { return begins_name(x) || is_digit(x); });
    } else if (is_digit(c)) {
      take_number();
    } else if (c == '"' || c == '\'') {
      take_string();
    } else {
      take_operator(brackets);
    }
  }

  template <class Is>
  void take_while(TokenKind kind, Is is) {
    std::size_t size = 1;
    while (size < rest_.size() && is(rest_[size])) ++size;
    add(kind, std::string(rest_.substr(0, size)));
    skip(size);
  }

  void take_number() {
    std::string digits;
    bool real = false;
    std::size_t size = 0;
    const auto take_digits = [&] {
      while (size < rest_.size() && (is_digit(rest_[size]) || rest_[size] == '_')) {
        if (rest_[size] != '_') digits += rest_[size];
        ++size;
      }
    };
    take_digits();
    if (size + 1 < rest_.size() && rest_[size] == '.' && is_digit(rest_[size + 1])) {
      digits += rest_[size++];
      take_digits();
      real = true;
    }
    if (size < rest_.size() && (rest_[size] == 'e' || rest_[size] == 'E')) {
      std::size_t sign = size + 1;
      if (sign < rest_.size() && (rest_[sign] == '+' || rest_[sign] == '-')) ++sign;
      if (sign < rest_.size() && is_digit(rest_[sign])) {
        digits += rest_.substr(size, sign - size);
        size = sign;
        take_digits();
        real = true;
      }
    }
    add(real ? TokenKind::kFloat : TokenKind::kInteger, digits);
    skip(size);
  }

  void take_string() {
    const char quote = rest_.front();
    std::string text;
    std::size_t at = 1;
    for (; at < rest_.size() && rest_[at] != quote; ++at) {
      if (rest_[at] != '\\' || at + 1 == rest_.size()) {
        text += rest_[at];
      } else {
        at = take_escape(text, at + 1);
      }
    }
    if (at >= rest_.size()) wrong("a text has no end: its quote is missing");
    add(TokenKind::kString, std::move(text));
    skip(at + 1);
  }

  // Gives where the escape ends.
  std::size_t take_escape(std::string& text, std::size_t at) {
    constexpr std::string_view kNames = "abfnrtv\\'\"\n";
    constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"";
    const char c = rest_[at];
    const auto known = kNames.find(c);
    if (known != std::string_view::npos) {
      if (known < kMeanings.size()) text += kMeanings[known];
      return at;
    }
    const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    char32_t code = 0;
    for (std::size_t i = 1; i <= digits; ++i) {
      const char digit = at + i < rest_.size() ? rest_[at + i] : ' ';
      const auto value = std::string_view("0123456789abcdef").find(static_cast<char>(digit | 0x20));
      if (value == std::string_view::npos) wrong(fmt::format("\\{} needs {} digits", c, digits));
      code = code * 16 + static_cast<char32_t>(value);
    }
    if (digits == 0) {
      text += {'\\', c};
      return at;
    }
    const bool is_character = code < 0xD800 || (code > 0xDFFF && code <= 0x10FFFF);
    append_character(text, is_character ? code : U'\uFFFD');
    return at + digits;
  }

  void take_operator(std::string& brackets) {
    constexpr std::array<std::string_view, 26> kAll{
        "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<",
        ">",  "=",  "(",  ")",  "[",  "]",  "{", "}", ".", ",", ":", "|", ";"};
    const auto found = std::ranges::find_if(kAll, [&](auto op) { return rest_.starts_with(op); });
    if (found == kAll.end()) {
      wrong(fmt::format("unexpected character '{}'", utf8_first(rest_)));
    }
    const char c = found->front();
    if (c == '(' || c == '[' || c == '{') brackets += c;
    if (c == ')' || c == ']' || c == '}') {
      const char open = c == ')' ? '(' : c == ']' ? '[' : '{';
      if (brackets.empty() || brackets.back() != open) wrong(fmt::format("unexpected '{}'", c));
      brackets.pop_back();
    }
    add(TokenKind::kOperator, std::string(*found));
    skip(found->size());
  }

  std::string_view rest_;
  std::vector<Token> tokens_;
  std::size_t line_ = 1;
  bool at_line_begin_ = true;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view source) {
  std::string lines;
  lines.reserve(source.size());
  for (std::size_t i = 0; i < source.size(); ++i) {
    const bool both = source.substr(i).starts_with("\r\n");
    if (!both) lines += source[i] == '\r' ? '\n' : source[i];
  }
  return Lexer(lines).run();
}

}  // namespace npu::text::jinja
