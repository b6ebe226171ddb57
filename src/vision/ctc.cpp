#include "vision/ctc.hpp"

#include <cmath>
#include <utility>

namespace npu::vision {
namespace {

std::size_t class_in(float value, const Alphabet& alphabet) {
  const bool known = value >= 0 && value < static_cast<float>(alphabet.classes());
  return known ? static_cast<std::size_t>(value) : 0;
}

constexpr std::string_view kAscii =
    "!\"#$%&'()*+,-./"
    "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

// Of a wide form: U+FF01 is EF BC 81 in UTF-8, U+FF5E EF BD 9E. "" of others.
std::string_view narrow_form(std::string_view wide) {
  if (wide.size() != 3 || wide[0] != '\xEF') return {};
  const int second = static_cast<unsigned char>(wide[1]);
  const int third = static_cast<unsigned char>(wide[2]);
  const int index = (second - 0xBC) * 0x40 + third - 0x81;
  if (second < 0xBC || index < 0 || index >= static_cast<int>(kAscii.size())) return {};
  return kAscii.substr(static_cast<std::size_t>(index), 1);
}

}  // namespace

Alphabet Alphabet::latin97() {
  constexpr std::string_view kCharacters =
      "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"
      "!\"#$%&'()*+,-./  ";
  std::vector<std::string> characters;
  characters.reserve(kCharacters.size());
  for (const char one : kCharacters) characters.emplace_back(1, one);
  return Alphabet(std::move(characters));
}

CtcText read_ctc(std::span<const float> best, const Alphabet& alphabet) {
  CtcText read;
  const auto steps = static_cast<double>(best.size()) / 2;
  double scores = 0;
  std::size_t before = 0;
  for (std::size_t step = 0; 2 * step + 1 < best.size(); ++step) {
    const std::size_t now = class_in(best[2 * step], alphabet);
    const double end = static_cast<double>(step + 1) / steps;
    if (now != 0 && now == before) {
      read.characters.back().to = end;
    } else if (now != 0) {
      const float score = best[2 * step + 1];
      scores += std::isfinite(score) ? score : 0;
      read.characters.push_back({alphabet[now], static_cast<double>(step) / steps, end});
      read.text += alphabet[now];
    }
    before = now;
  }
  if (!read.characters.empty()) {
    read.confidence = static_cast<float>(scores / static_cast<double>(read.characters.size()));
  }
  return read;
}

void narrow_punctuation(CtcText& read) {
  constexpr std::size_t kChinese = 3;  // bytes of a character from U+0800 on
  for (const CtcCharacter& character : read.characters) {
    if (character.text.size() >= kChinese && narrow_form(character.text).empty()) return;
  }
  read.text.clear();
  for (CtcCharacter& character : read.characters) {
    const std::string_view narrow = narrow_form(character.text);
    if (!narrow.empty()) character.text = narrow;
    read.text += character.text;
  }
}

void tidy_spaces(CtcText& read) {
  const auto is_space = [](const CtcCharacter& character) { return character.text == " "; };
  std::vector<CtcCharacter> tidy;
  tidy.reserve(read.characters.size());
  for (const CtcCharacter& character : read.characters) {
    const bool again = tidy.empty() || is_space(tidy.back());
    if (!is_space(character) || !again) tidy.push_back(character);
  }
  if (!tidy.empty() && is_space(tidy.back())) tidy.pop_back();
  read.characters = std::move(tidy);
  read.text.clear();
  for (const CtcCharacter& character : read.characters) read.text += character.text;
}

}  // namespace npu::vision
