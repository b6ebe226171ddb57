// BERT's way: the longest token that a word begins with, then the longest that goes on.
#pragma once

#include <cstddef>
#include <string>

#include "text/tokenizer/model.hpp"

namespace npu::text {

struct WordPieceRules {
  std::string unknown = "[UNK]";
  std::string prefix = "##";          // of tokens that go on
  std::size_t most_characters = 100;  // of a word; one that is longer is unknown
};

class WordPiece final : public TokenModel {
 public:
  // The vocabulary outlives this. kMalformed: it does not have the unknown token.
  static Result<std::unique_ptr<WordPiece>> make(const Vocabulary& vocabulary,
                                                 WordPieceRules rules);
  void tokenize(std::string_view piece, std::vector<TokenId>& ids) const override;

 private:
  WordPiece(const Vocabulary& vocabulary, WordPieceRules rules, TokenId unknown)
      : vocabulary_(vocabulary), rules_(std::move(rules)), unknown_(unknown) {}

  const Vocabulary& vocabulary_;
  const WordPieceRules rules_;
  const TokenId unknown_;
};

}  // namespace npu::text
