#include "text/tokenizer/splits.hpp"

#include <vector>

#include "text/unicode.hpp"

namespace npu::text {
namespace {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_match = false;
};

// Takes matches and what is between them, in their order, and tells pieces as soon as they are
// complete.
class Joiner {
 public:
  Joiner(std::string_view text, MatchBecomes becomes, const PieceSink& sink)
      : text_(text), becomes_(becomes), sink_(sink) {}

  void add(const Span& span) {
    if (span.begin == span.end) return;
    const bool joins = waiting_.has_value() && joins_the_last(span);
    if (joins) {
      waiting_->end = span.end;
    } else {
      tell();
      waiting_ = span;
    }
    waiting_->is_match = span.is_match;
    before_was_match_ = span.is_match;
  }

  void tell() {
    if (!waiting_) return;
    const bool removed = becomes_ == MatchBecomes::kRemoved && waiting_->is_match;
    if (!removed) sink_(text_.substr(waiting_->begin, waiting_->end - waiting_->begin));
    waiting_.reset();
  }

 private:
  bool joins_the_last(const Span& span) const {
    switch (becomes_) {
      case MatchBecomes::kWithPrevious: return span.is_match && !before_was_match_;
      case MatchBecomes::kWithNext: return !span.is_match && before_was_match_;
      case MatchBecomes::kContiguous: return span.is_match == before_was_match_;
      default: return false;
    }
  }

  std::string_view text_;
  MatchBecomes becomes_;
  const PieceSink& sink_;
  std::optional<Span> waiting_;
  bool before_was_match_ = false;
};

}  // namespace

std::optional<MatchBecomes> match_becomes(std::string_view name) {
  if (name == "Removed") return MatchBecomes::kRemoved;
  if (name == "Isolated") return MatchBecomes::kIsolated;
  if (name == "MergedWithPrevious") return MatchBecomes::kWithPrevious;
  if (name == "MergedWithNext") return MatchBecomes::kWithNext;
  if (name == "Contiguous") return MatchBecomes::kContiguous;
  return std::nullopt;
}

Status split(std::string_view text, const Pattern& pattern, MatchBecomes becomes, bool inverted,
             const PieceSink& sink) {
  Joiner joiner(text, becomes, sink);
  Pattern::Matches matches(pattern, text);
  std::size_t done = 0;
  for (;;) {
    const auto match = matches.next();
    if (!match) return fail(match.error());
    if (!*match) break;
    joiner.add({done, (*match)->begin, inverted});
    joiner.add({(*match)->begin, (*match)->end, !inverted});
    done = (*match)->end;
  }
  joiner.add({done, text.size(), inverted});
  joiner.tell();
  return {};
}

void split(std::string_view text, bool (*is_match)(char32_t), MatchBecomes becomes,
           const PieceSink& sink) {
  Joiner joiner(text, becomes, sink);
  std::size_t done = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t at = text.size() - rest.size();
    if (!is_match(take_character(rest))) continue;
    const std::size_t end = text.size() - rest.size();
    joiner.add({done, at, false});
    joiner.add({at, end, true});
    done = end;
  }
  joiner.add({done, text.size(), false});
  joiner.tell();
}

}  // namespace npu::text
