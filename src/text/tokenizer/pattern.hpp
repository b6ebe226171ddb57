// What tokenizer.json calls a pattern: a regular expression, or a text that stands for itself.
//
// Expressions are Perl's, run by PCRE2 with Unicode's classes, as Hugging Face's libraries run them
// with Oniguruma: the patterns of published tokenizers mean the same in both. They come with a
// model, so they are strangers': a match has a bound of steps.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <npu/result.hpp>

namespace npu::text {

struct Match {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Immutable; safe to use from any thread.
class Pattern {
 public:
  // kMalformed tells where the expression is wrong.
  static Result<Pattern> from_regex(std::string_view expression);
  static Pattern from_text(std::string text);

  // Finds one match after another in a text that is valid UTF-8 and outlives this. Not thread safe.
  class Matches {
   public:
    Matches(const Pattern& pattern, std::string_view text);
    // Empty matches are passed over. kUnsupported: it took too many steps.
    Result<std::optional<Match>> next();

   private:
    const Pattern& pattern_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::shared_ptr<void> found_;  // pcre2_match_data
  };

 private:
  Pattern() = default;

  std::shared_ptr<void> code_;  // pcre2_code; none: text_ is what to find
  std::string text_;
};

}  // namespace npu::text
