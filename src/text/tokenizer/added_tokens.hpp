// Tokens that stand in a text as themselves, whatever is around them: <|im_end|>, [MASK].
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/tokenizer/byte_trie.hpp"

namespace npu::text {

struct AddedToken {
  TokenId id = 0;
  std::string content;
  bool single_word = false;  // not within a word
  bool left_strip = false;   // with the white space before it
  bool right_strip = false;  // with that behind it
  bool normalised = false;   // found in the normalised text; else before
  bool special = false;      // none of what people write: may be left out of a decoded text
};

// A part of a text: an added token, or what stands between two.
struct TextPart {
  std::string_view text;
  const AddedToken* token = nullptr;
};

class AddedTokens {
 public:
  // Of two with one content the last counts.
  void add(AddedToken token, std::string_view as_found);

  // Whole, in order; of tokens that begin at one place the longest counts. Special ones are text
  // where `special` is false.
  std::vector<TextPart> split(std::string_view text, bool special) const;

  bool empty() const { return tokens_.empty(); }

 private:
  TextPart token_at(std::string_view text, std::size_t at) const;

  std::vector<AddedToken> tokens_;
  ByteTrie trie_;  // of indices of tokens_
  std::bitset<256> first_bytes_;
};

}  // namespace npu::text
