// Greedy reading of what a CTC network says: at each step its best class, repeated ones once, and
// without the blank, which is class 0.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace npu::vision {

// What the classes from 1 on are called.
class Alphabet {
 public:
  Alphabet() = default;
  // characters: UTF-8 each.
  explicit Alphabet(std::vector<std::string> characters) : characters_(std::move(characters)) {}
  // Digits, Latin letters and punctuation: of networks with 97 classes, the last two of which are
  // spaces.
  static Alphabet latin97();

  // "" for the blank and for classes beyond the end.
  std::string_view operator[](std::size_t index) const {
    return index == 0 || index > characters_.size() ? std::string_view() : characters_[index - 1];
  }
  std::size_t classes() const { return characters_.size() + 1; }

 private:
  std::vector<std::string> characters_;
};

struct CtcCharacter {
  std::string_view text;  // of the alphabet
  double from = 0;        // where it was seen, as a share of all steps
  double to = 0;
};

struct CtcText {
  std::string text;
  float confidence = 0;  // mean of the scores of the characters; 0 without one
  std::vector<CtcCharacter> characters;
};

// best: for each step the class and its score. What is no class of the alphabet is read as a blank.
CtcText read_ctc(std::span<const float> best, const Alphabet& alphabet);

// Makes the wide forms of ASCII, which Chinese has (U+FF01 to U+FF5E), narrow ones, where nothing
// else in the text is Chinese: "one，two" is a mistake.
void narrow_punctuation(CtcText& read);

// Without spaces at the ends, and with one where there are several: a network gives one for each
// step or two that it sees a gap.
void tidy_spaces(CtcText& read);

}  // namespace npu::vision
