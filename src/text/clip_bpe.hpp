// CLIP's byte pair encoding: from a text to the numbers of its tokens.
//
//   const auto bpe = ClipBpe::from_merges(text_of("bpe_simple_vocab_16e6.txt"));
//   bpe->encode("a small red circle");      // {320, 2442, 736, 7117}
//
// Equal to clip/simple_tokenizer.py of github.com/openai/CLIP, but for what clip_words.hpp leaves
// out. Immutable; safe to use from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <npu/result.hpp>

namespace npu::text {

class ClipBpe {
 public:
  // The published list goes on behind those that count.
  static constexpr std::size_t kMergesOfClip = 49152 - 256 - 2;

  // text: lines of two symbols that become one, the first line being no such; at most
  // kMergesOfClip of them are read. kMalformed names the line that is none.
  static Result<ClipBpe> from_merges(std::string_view text);

  // Numbers of the vocabulary: 256 bytes, the same at the end of a word, a token for each merge in
  // their order, start, end.
  std::size_t size() const { return static_cast<std::size_t>(end_) + 1; }
  std::int32_t start() const { return end_ - 1; }
  std::int32_t end() const { return end_; }

  // Without start and end, unless the text names them; the first `most` where there are more. Takes
  // n log n of the text's length.
  std::vector<std::int32_t> encode(
      std::string_view text, std::size_t most = std::numeric_limits<std::size_t>::max()) const;

 private:
  // What stands for bytes while they are merged: indices of ids_.
  using Symbol = std::uint32_t;
  struct Merge {
    std::uint32_t rank = 0;  // the lower one first
    Symbol result = 0;
  };
  class Word;

  ClipBpe() = default;
  const Merge* merge_of(Symbol left, Symbol right) const;

  std::array<Symbol, 256> inner_{};                  // of a byte within a word
  std::array<Symbol, 256> last_{};                   // of the last one
  std::unordered_map<std::uint64_t, Merge> merges_;  // by both symbols
  std::vector<std::int32_t>
      ids_;  // of each symbol; -1: it is only a part of merges that never come
  std::int32_t end_ = 0;
};

}  // namespace npu::text
