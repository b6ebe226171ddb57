#include "vision/text_gaps.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <optional>

namespace npu::vision {
namespace {

constexpr int kInk = 3;               // a column has ink where it differs by a third of the most
constexpr double kOutside = 0.05;     // of the height, above and below, where neighbours may show
constexpr double kLeastPaper = 0.45;  // of the pixels
constexpr double kLeastSpace = 0.17;  // of the height
constexpr double kMuchWider = 2.2;    // than the median of the line
constexpr double kNearly = 0.75;      // of the median of the spaces that were read
constexpr std::string_view kSpace = " ";

using Levels = std::array<std::size_t, 256>;

// The value below which so many of 100 lie.
int percentile(const Levels& levels, std::size_t percent) {
  std::size_t all = 0;
  for (const std::size_t count : levels) all += count;
  std::size_t below = 0;
  int value = 0;
  for (; value < 255; ++value) {
    below += levels.at(static_cast<std::size_t>(value));
    if (100 * below > percent * all) break;
  }
  return value;
}

// Which share of all lies less than this from the value.
double near(const Levels& levels, int value, int distance) {
  std::size_t all = 0;
  std::size_t close = 0;
  for (int i = 0; i < 256; ++i) {
    const std::size_t count = levels.at(static_cast<std::size_t>(i));
    all += count;
    if (std::abs(i - value) < distance) close += count;
  }
  return all == 0 ? 0 : static_cast<double>(close) / static_cast<double>(all);
}

// Latin letters, digits and their punctuation.
bool has_spaces_around(const CtcCharacter& character) {
  return character.text.size() == 1 && character.text != kSpace;
}

bool is_digit(const CtcCharacter& character) {
  return character.text.size() == 1 && character.text[0] >= '0' && character.text[0] <= '9';
}

bool is_one_of(const CtcCharacter& character, std::string_view some) {
  return character.text.size() == 1 && some.find(character.text[0]) != std::string_view::npos;
}

// Whether a space may stand behind a character: not before what belongs to the word on its left,
// and not in a number.
bool may_part(std::span<const CtcCharacter> characters, std::size_t i) {
  const CtcCharacter& next = characters[i + 1];
  if (!has_spaces_around(characters[i]) || !has_spaces_around(next)) return false;
  if (is_one_of(next, ".,;:!?)]}%")) return false;
  const bool in_number = i > 0 && is_digit(characters[i - 1]) && is_digit(next);
  return !(in_number && is_one_of(characters[i], ".,:"));
}

double middle(const CtcCharacter& character) { return (character.from + character.to) / 2; }

// The gaps of one line between its characters.
class Spacing {
 public:
  Spacing(std::span<const CtcCharacter> characters, std::span<const TextGap> gaps) {
    for (std::size_t i = 0; i + 1 < characters.size(); ++i) {
      const CtcCharacter& one = characters[i];
      const CtcCharacter& other = characters[i + 1];
      behind_.push_back(widest(gaps, middle(one), middle(other)));
      if (has_spaces_around(one) && has_spaces_around(other)) letters_.push_back(behind_.back());
      if (i > 0 && one.text == kSpace) {
        spaces_.push_back(widest(gaps, middle(characters[i - 1]), middle(other)));
      }
    }
  }

  double behind(std::size_t character) const { return behind_[character]; }

  // Much wider than between letters, and nearly as wide as what the network takes for a space.
  double least_space(double height) const {
    return std::max(least_behind_hook(height), kNearly * median(spaces_));
  }
  // An f bends over the space behind it.
  double least_behind_hook(double height) const {
    return std::max(kLeastSpace * height, kMuchWider * median(letters_));
  }

 private:
  static double widest(std::span<const TextGap> gaps, double from, double to) {
    double most = 0;
    for (const TextGap& gap : gaps) {
      const double at = (gap.from + gap.to) / 2;
      if (at > from && at < to) most = std::max(most, gap.to - gap.from);
    }
    return most;
  }
  static double median(std::vector<double> widths) {
    if (widths.empty()) return 0;
    const auto half = widths.begin() + static_cast<std::ptrdiff_t>(widths.size() / 2);
    std::ranges::nth_element(widths, half);
    return *half;
  }

  std::vector<double> behind_;
  std::vector<double> letters_;
  std::vector<double> spaces_;
};

}  // namespace

std::vector<TextGap> find_gaps(std::span<const std::uint8_t> strip, media::Size text,
                               int strip_width) {
  const int above = static_cast<int>(text.height * kOutside);
  const auto pixel = [&](int x, int y) {
    return strip[(static_cast<std::size_t>(y) * static_cast<std::size_t>(strip_width) +
                  static_cast<std::size_t>(x)) *
                     3 +
                 1];  // green has most of the brightness
  };
  Levels levels{};
  for (int y = above; y < text.height - above; ++y) {
    for (int x = 0; x < text.width; ++x) ++levels.at(pixel(x, y));
  }
  const int paper = percentile(levels, 50);
  const int ink = std::max(paper - percentile(levels, 2), percentile(levels, 98) - paper);
  std::vector<TextGap> gaps;
  if (near(levels, paper, ink / kInk) < kLeastPaper) return gaps;  // no writing on one paper
  std::optional<int> begin;
  for (int x = 0; x <= text.width; ++x) {
    bool blank = x < text.width;
    for (int y = above; blank && y < text.height - above; ++y) {
      blank = kInk * std::abs(pixel(x, y) - paper) < ink;
    }
    if (blank && !begin) begin = x;
    if (!blank && begin) {
      gaps.push_back(
          {static_cast<double>(*begin) / strip_width, static_cast<double>(x) / strip_width});
      begin.reset();
    }
  }
  return gaps;
}

void add_spaces(CtcText& read, std::span<const TextGap> gaps, double height) {
  const Spacing spacing(read.characters, gaps);
  const double usual = spacing.least_space(height);
  const double behind_hook = spacing.least_behind_hook(height);
  std::vector<CtcCharacter> spaced;
  std::string text;
  for (std::size_t i = 0; i < read.characters.size(); ++i) {
    const CtcCharacter& character = read.characters[i];
    spaced.push_back(character);
    text += character.text;
    const double least = character.text == "f" ? behind_hook : usual;
    if (i + 1 < read.characters.size() && spacing.behind(i) >= least &&
        may_part(read.characters, i)) {
      spaced.push_back({kSpace, character.to, read.characters[i + 1].from});
      text += kSpace;
    }
  }
  read.characters = std::move(spaced);
  read.text = std::move(text);
}

}  // namespace npu::vision
