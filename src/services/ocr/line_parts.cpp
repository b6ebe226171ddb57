#include "services/ocr/line_parts.hpp"

#include <algorithm>
#include <limits>

namespace npu::ocr {
namespace {

// From shares of the strip's width to those of the line's length.
class Places {
 public:
  explicit Places(const Strip& strip)
      : from_(strip.from), scale_((strip.to - strip.from) * strip.width / strip.text.width) {}

  double operator()(double in_strip) const { return from_ + in_strip * scale_; }
  vision::TextGap operator()(const vision::TextGap& gap) const {
    return {(*this)(gap.from), (*this)(gap.to)};
  }

 private:
  double from_;
  double scale_;
};

template <class Span>
double middle(const Span& span) {
  return (span.from + span.to) / 2;
}

// In the line.
std::vector<vision::TextGap> gaps_of(const LinePart& part) {
  std::vector<vision::TextGap> gaps;
  gaps.reserve(part.gaps.size());
  for (const auto& gap : part.gaps) gaps.push_back(Places(part.strip)(gap));
  return gaps;
}

// Up to where the first of two is believed.
double border(const LinePart& one, const LinePart& other) {
  const double from = other.strip.from;
  const double to = one.strip.to;
  double best = (from + to) / 2;
  double widest = 0;
  for (const auto& gap : gaps_of(one)) {
    const bool whole = gap.from >= from && gap.to <= to;
    if (whole && gap.to - gap.from > widest) {
      best = middle(gap);
      widest = gap.to - gap.from;
    }
  }
  return best;
}

}  // namespace

WholeLine join_parts(std::span<const LinePart> parts) {
  WholeLine line;
  double from = std::numeric_limits<double>::lowest();
  double scores = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const LinePart& part = parts[i];
    const double to =
        i + 1 < parts.size() ? border(part, parts[i + 1]) : std::numeric_limits<double>::max();
    const auto counts = [&](const auto& span) { return middle(span) > from && middle(span) <= to; };
    // Of both that have it at the border: repeated ones are none (vision::tidy_spaces()).
    const auto parts_words = [&](const vision::CtcCharacter& character) {
      return character.text == " " && character.to > from && character.from <= to;
    };
    const Places in_line(part.strip);
    for (vision::CtcCharacter character : part.read.characters) {
      character.from = in_line(character.from);
      character.to = in_line(character.to);
      if (!counts(character) && !parts_words(character)) continue;
      line.read.text += character.text;
      line.read.characters.push_back(character);
      scores += part.read.confidence;
    }
    std::ranges::copy_if(gaps_of(part), std::back_inserter(line.gaps), counts);
    from = to;
  }
  if (!line.read.characters.empty()) {
    line.read.confidence =
        static_cast<float>(scores / static_cast<double>(line.read.characters.size()));
  }
  return line;
}

}  // namespace npu::ocr
