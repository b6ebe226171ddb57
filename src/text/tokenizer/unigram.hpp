// SentencePiece's language model of single tokens: those whose scores add up to most.
#pragma once

#include <array>
#include <optional>

#include "text/tokenizer/byte_trie.hpp"
#include "text/tokenizer/model.hpp"
#include "text/tokenizer/tokenizer_file.hpp"

namespace npu::text {

struct UnigramRules {
  std::optional<TokenId> unknown;
  bool byte_fallback = false;
};

class Unigram final : public TokenModel {
 public:
  // scores: of each token, in logarithms. The vocabulary outlives this. kMalformed: no unknown
  // token, or no scores.
  static Result<std::unique_ptr<Unigram>> make(const Vocabulary& vocabulary,
                                               std::vector<double> scores, UnigramRules rules);
  // Viterbi's algorithm; takes the piece's length times the longest token's.
  void tokenize(std::string_view piece, std::vector<TokenId>& ids) const override;

 private:
  Unigram(const Vocabulary& vocabulary, std::vector<double> scores, TokenId unknown,
          bool byte_fallback);
  void add_unknown(std::string_view text, std::vector<TokenId>& ids) const;

  const Vocabulary& vocabulary_;
  std::vector<double> scores_;
  TokenId unknown_;
  double unknown_score_ = 0;
  std::array<TokenId, 256> byte_ids_{};
  bool has_bytes_ = false;
  ByteTrie trie_;
};

}  // namespace npu::text
