// Byte pair encoding: characters, or bytes, of which those pairs become one that were merged first
// when the vocabulary was made.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include <npu/result.hpp>

#include "text/tokenizer/joints.hpp"
#include "text/tokenizer/model.hpp"
#include "text/tokenizer/tokenizer_file.hpp"

namespace npu::text {

struct BpeRules {
  bool of_bytes = false;       // the vocabulary has bytes; else it has characters
  bool byte_fallback = false;  // what it does not have is <0x00> … <0xFF>
  bool fuse_unknown = false;   // several in a row are one
  bool ignore_merges = false;  // a piece that is a token is this token
  std::string unknown;         // the token for it; "": it is left out
  std::string prefix;          // of tokens that do not begin a piece
  std::string suffix;          // of tokens that end one
};

class Bpe final : public TokenModel {
 public:
  // The vocabulary outlives this. kMalformed: a merge of what is no token.
  static Result<std::unique_ptr<Bpe>> make(const Vocabulary& vocabulary, const Texts& merges,
                                           BpeRules rules);

  // Takes n log n of the piece's length.
  void tokenize(std::string_view piece, std::vector<TokenId>& ids) const override;

 private:
  struct Merge {
    std::uint32_t rank = 0;  // the lower one first
    TokenId result = 0;
  };
  class Word;
  // Whether merging the text of a token gives this token, found out when it is asked for.
  enum Whole : std::uint8_t { kNotKnown, kWhole, kParts };

  Bpe(const Vocabulary& vocabulary, BpeRules rules);
  Status add_merges(const Texts& merges);
  const Merge* merge_of(TokenId left, TokenId right) const;
  void tokenize_part(std::string_view part, std::vector<TokenId>& ids) const;
  void merge(std::string_view piece, std::vector<TokenId>& ids) const;
  void add_symbols(std::string_view piece, Word& word) const;
  bool add_bytes(std::string_view symbol, Word& word) const;

  const Vocabulary& vocabulary_;
  const BpeRules rules_;
  std::optional<TokenId> unknown_;
  std::array<TokenId, 256> byte_ids_{};                     // -1: none
  boost::unordered_flat_map<std::uint64_t, Merge> merges_;  // by both tokens
  std::optional<Joints> joints_;                            // where pieces may be long
  std::unique_ptr<std::atomic<std::uint8_t>[]> whole_;      // by token
};

}  // namespace npu::text
