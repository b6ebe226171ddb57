#include "text/tokenizer/pattern.hpp"

#include <array>

#include <fmt/format.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/utf8.hpp"

namespace npu::text {
namespace {

constexpr std::uint32_t kMostSteps = 1'000'000;  // of one match
constexpr std::size_t kMostPattern = 16 << 10;   // of an expression

// Perl's \s has U+180E, which is no white space in Unicode and not in Oniguruma's.
std::string with_unicodes_spaces(std::string_view expression) {
  std::string result;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    if (expression[i] != '\\' || i + 1 == expression.size()) {
      result += expression[i];
      continue;
    }
    const char escaped = expression[++i];
    if (escaped == 's') {
      result += R"(\p{wspace})";
    } else if (escaped == 'S') {
      result += R"(\P{wspace})";
    } else {
      result += {'\\', escaped};
    }
  }
  return result;
}

std::string message_of(int code) {
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

pcre2_match_context* bounded() {
  static const std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> context =
      [] {
        std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> made(
            pcre2_match_context_create(nullptr), &pcre2_match_context_free);
        pcre2_set_match_limit(made.get(), kMostSteps);
        return made;
      }();
  return context.get();
}

}  // namespace

Result<Pattern> Pattern::from_regex(std::string_view expression) {
  if (expression.size() > kMostPattern) {
    return fail(ErrorCode::kTooLarge, fmt::format("a pattern of more than {} bytes", kMostPattern));
  }
  const std::string text = with_unicodes_spaces(expression);
  int error = 0;
  PCRE2_SIZE at = 0;
  pcre2_code* code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                    PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &error, &at, nullptr);
  if (code == nullptr) {
    return fail(ErrorCode::kMalformed, fmt::format("the pattern {} is wrong: {} at byte {}",
                                                   expression, message_of(error), at));
  }
  Pattern pattern;
  pattern.code_ = std::shared_ptr<void>(
      code, [](void* owned) { pcre2_code_free(static_cast<pcre2_code*>(owned)); });
  // Where no memory may be executed that was written, it is interpreted, which takes longer.
  (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
  return pattern;
}

Pattern Pattern::from_text(std::string text) {
  Pattern pattern;
  pattern.text_ = std::move(text);
  return pattern;
}

Pattern::Matches::Matches(const Pattern& pattern, std::string_view text)
    : pattern_(pattern), text_(text) {
  if (!pattern.code_) return;
  found_ = std::shared_ptr<void>(pcre2_match_data_create(1, nullptr), [](void* owned) {
    pcre2_match_data_free(static_cast<pcre2_match_data*>(owned));
  });
}

Result<std::optional<Match>> Pattern::Matches::next() {
  if (!pattern_.code_) {
    const auto found =
        pattern_.text_.empty() ? std::string_view::npos : text_.find(pattern_.text_, at_);
    if (found == std::string_view::npos) return std::nullopt;
    at_ = found + pattern_.text_.size();
    return Match{found, at_};
  }
  auto* data = static_cast<pcre2_match_data*>(found_.get());
  while (at_ < text_.size()) {
    const int count = pcre2_match(static_cast<const pcre2_code*>(pattern_.code_.get()),
                                  reinterpret_cast<PCRE2_SPTR>(text_.data()), text_.size(), at_,
                                  PCRE2_NO_UTF_CHECK, data, bounded());
    if (count == PCRE2_ERROR_NOMATCH) return std::nullopt;
    if (count < 0) {
      return fail(ErrorCode::kUnsupported,
                  fmt::format("the tokenizer's pattern cannot be matched with this text: {}",
                              message_of(count)));
    }
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(data);
    const Match match{ends[0], ends[1]};
    if (match.end > match.begin && match.begin >= at_) {
      at_ = match.end;
      return match;
    }
    at_ = std::max(at_, match.end);
    if (at_ < text_.size()) at_ += utf8_first(text_.substr(at_)).size();
  }
  return std::nullopt;
}

}  // namespace npu::text
