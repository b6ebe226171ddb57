// Tokens are those that the plain algorithm gives: merge the pair that comes first in the list,
// everywhere in the word, until there is none.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/clip_bpe.hpp"
#include "text/clip_words.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

using Pair = std::pair<std::string, std::string>;

// Of a word of ASCII letters.
std::vector<std::string> plainly(const std::map<Pair, std::size_t>& ranks, std::string_view word) {
  std::vector<std::string> symbols;
  for (const char letter : word) symbols.emplace_back(1, letter);
  symbols.back() += "</w>";
  for (;;) {
    std::size_t best = ranks.size() + 4096;
    const std::size_t none = best;
    Pair pair;
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
      const auto found = ranks.find({symbols[i], symbols[i + 1]});
      if (found == ranks.end() || found->second >= best) continue;
      best = found->second;
      pair = found->first;
    }
    if (best == none) return symbols;
    std::vector<std::string> merged;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      if (i + 1 < symbols.size() && symbols[i] == pair.first && symbols[i + 1] == pair.second) {
        merged.push_back(symbols[i] + symbols[i + 1]);
        ++i;
      } else {
        merged.push_back(symbols[i]);
      }
    }
    symbols = std::move(merged);
  }
}

}  // namespace

// The first line is a text, the others are the merges.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1024) return 0;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const auto end = std::min(all.find('\n'), size);
  const std::string text(all.substr(0, end));
  const std::string_view merges = all.substr(end);

  const auto bpe = npu::text::ClipBpe::from_merges(merges);
  if (!bpe) return 0;
  const auto ids = bpe->encode(text);
  for (const auto id : ids) require(id >= 0 && id <= bpe->end());
  for (const std::size_t most : {std::size_t{0}, ids.size() / 2}) {
    require(std::ranges::equal(bpe->encode(text, most), std::span(ids).first(most)));
  }

  std::map<Pair, std::size_t> ranks;
  std::map<std::string, std::int32_t> numbers;
  std::size_t rank = 0;
  for (std::size_t at = merges.find('\n'); at + 1 < merges.size(); ++rank) {
    const std::size_t begin = at + 1;
    at = std::min(merges.find('\n', begin), merges.size());
    std::string_view line = merges.substr(begin, at - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto gap = line.find(' ');
    const Pair pair{line.substr(0, gap), line.substr(gap + 1)};
    ranks[pair] = rank;
    numbers[pair.first + pair.second] = static_cast<std::int32_t>(512 + rank);
  }
  std::vector<std::int32_t> expected;
  for (const std::string& word : npu::text::clip_words(text)) {
    const bool letters = std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
    if (!letters) return 0;
    for (const std::string& symbol : plainly(ranks, word)) {
      const auto made = numbers.find(symbol);
      const std::int32_t of_byte = symbol[0] - '!' + (symbol.size() > 1 ? 256 : 0);
      expected.push_back(made != numbers.end() ? made->second : of_byte);
    }
  }
  require(ids == expected);
  return 0;
}
