// Splits a text where something matches, and what becomes of the matches.
#pragma once

#include <optional>
#include <string_view>

#include <npu/result.hpp>

#include "text/tokenizer/pattern.hpp"
#include "text/tokenizer/pre_tokenizers.hpp"

namespace npu::text {

enum class MatchBecomes {
  kRemoved,
  kIsolated,      // a piece
  kWithPrevious,  // the end of the piece before it
  kWithNext,      // the beginning of the next one
  kContiguous,    // a piece with those that it touches
};

std::optional<MatchBecomes> match_becomes(std::string_view name);

// inverted: what is between the matches counts as matched.
Status split(std::string_view text, const Pattern& pattern, MatchBecomes becomes, bool inverted,
             const PieceSink& sink);

// The same for single characters.
void split(std::string_view text, bool (*is_match)(char32_t), MatchBecomes becomes,
           const PieceSink& sink);

}  // namespace npu::text
