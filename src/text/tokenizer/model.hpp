// How a piece of text becomes tokens: one of Bpe, WordPiece, Unigram.
#pragma once

#include <string_view>
#include <vector>

#include "text/tokenizer/vocabulary.hpp"

namespace npu::text {

// Immutable; safe to use from any thread.
class TokenModel {
 public:
  virtual ~TokenModel() = default;
  // Adds the tokens of the piece, which is not empty.
  virtual void tokenize(std::string_view piece, std::vector<TokenId>& ids) const = 0;
};

}  // namespace npu::text
