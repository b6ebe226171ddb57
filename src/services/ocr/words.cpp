#include "services/ocr/words.hpp"

#include <algorithm>
#include <cstddef>

namespace npu::ocr {
namespace {

bool is_space(const vision::CtcCharacter& character) {
  return character.text == " " || character.text == "\u3000";
}

}  // namespace

std::vector<Word> words_of(const vision::CtcText& read, const vision::Quad& line) {
  std::vector<Word> words;
  const auto& characters = read.characters;
  // A network sees a character at a step or two within it: a word goes halfway to its neighbours.
  const auto border = [&](std::size_t left, std::size_t right) {
    return (characters[left].to + characters[right].from) / 2;
  };
  for (std::size_t i = 0; i < characters.size();) {
    if (is_space(characters[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    Word word;
    for (; end < characters.size() && !is_space(characters[end]); ++end) {
      word.text += characters[end].text;
    }
    const double from = i == 0 ? 0 : border(i - 1, i);
    const double to = end == characters.size() ? 1 : border(end - 1, end);
    const auto share = [](double at) { return std::clamp(at, 0.0, 1.0); };
    word.quad = vision::part_of(line, share(from), share(std::max(from, to)));
    words.push_back(std::move(word));
    i = end;
  }
  return words;
}

}  // namespace npu::ocr
