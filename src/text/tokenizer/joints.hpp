// Where a text can be cut without changing how its characters are merged.
//
// Tokenizers of SentencePiece's kind split no text, so that a prompt is one piece of a megabyte;
// but no merge goes over two characters that do not follow each other in any token.
#pragma once

#include <cstdint>
#include <string_view>

#include <boost/unordered/unordered_flat_set.hpp>

#include "text/tokenizer/vocabulary.hpp"

namespace npu::text {

class Joints {
 public:
  explicit Joints(const Vocabulary& vocabulary);

  // The bytes of the part that the text begins with; all of it where it cannot be cut.
  std::size_t part_of(std::string_view text) const;

 private:
  static std::uint64_t key_of(char32_t left, char32_t right) {
    return (std::uint64_t{left} << 32) | right;
  }
  bool is_cut(char32_t left, char32_t right) const;

  boost::unordered_flat_set<std::uint64_t> pairs_;  // that follow each other in a token
  boost::unordered_flat_set<char32_t> characters_;  // that are tokens: others are said otherwise
};

}  // namespace npu::text
