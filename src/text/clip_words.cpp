#include "text/clip_words.hpp"

#include <algorithm>
#include <array>

#include <utf8proc.h>

#include "base/utf8.hpp"
#include "text/unicode.hpp"

namespace npu::text {
namespace {

using Characters = std::u32string;

constexpr char32_t kLongS = 0x17F;            // an s, where case does not count
constexpr char32_t kYpogegrammeni = 0x345;    // a mark whose other case is a letter: in no class
constexpr char32_t kCapitalIWithDot = 0x130;  // the one whose lower case is two characters
constexpr char32_t kCapitalSigma = 0x3A3;

struct Span {
  char32_t first;
  char32_t last;
};

template <std::size_t N>
bool is_in(const std::array<Span, N>& spans, char32_t c) {
  return std::ranges::any_of(spans, [c](Span span) { return span.first <= c && c <= span.last; });
}

utf8proc_category_t category_of(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

// What is neither, nor space: punctuation and symbols.
bool is_sign(char32_t c) {
  return !is_white_space(c) && !is_letter(c) && !is_number(c) && c != kYpogegrammeni;
}

// Python's str.strip() takes these off besides.
bool is_stripped(char32_t c) { return is_white_space(c) || (c >= 0x1C && c <= 0x1F); }

// Unicode's Cased, as far as letters have no category that says so.
bool is_cased(char32_t c) {
  constexpr std::array<Span, 7> kOthers{{{0xAA, 0xAA},
                                         {0xBA, 0xBA},
                                         {0x2160, 0x217F},
                                         {0x24B6, 0x24E9},
                                         {0x1F130, 0x1F149},
                                         {0x1F150, 0x1F169},
                                         {0x1F170, 0x1F189}}};
  const auto category = category_of(c);
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL ||
         category == UTF8PROC_CATEGORY_LT || is_in(kOthers, c);
}

// Unicode's Case_Ignorable: what may stand between a letter and the end of its word.
bool is_case_ignorable(char32_t c) {
  constexpr std::array<Span, 16> kOthers{{{0x27, 0x27},
                                          {0x2E, 0x2E},
                                          {0x3A, 0x3A},
                                          {0xB7, 0xB7},
                                          {0x387, 0x387},
                                          {0x55F, 0x55F},
                                          {0x5F4, 0x5F4},
                                          {0x2018, 0x2019},
                                          {0x2024, 0x2024},
                                          {0x2027, 0x2027},
                                          {0xFE13, 0xFE13},
                                          {0xFE52, 0xFE52},
                                          {0xFE55, 0xFE55},
                                          {0xFF07, 0xFF07},
                                          {0xFF0E, 0xFF0E},
                                          {0xFF1A, 0xFF1A}}};
  switch (category_of(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK: return true;
    default: return is_in(kOthers, c);
  }
}

bool is_final_sigma(const Characters& text, std::size_t at) {
  std::size_t before = at;
  while (before > 0 && is_case_ignorable(text[before - 1])) --before;
  if (before == 0 || !is_cased(text[before - 1])) return false;
  std::size_t after = at + 1;
  while (after < text.size() && is_case_ignorable(text[after])) ++after;
  return after == text.size() || !is_cased(text[after]);
}

Characters normal_characters(std::string_view text) {
  const std::string normal = normalised(valid_utf8(text), NormalForm::kNfc);
  Characters characters;
  for (std::string_view rest = normal; !rest.empty();) characters.push_back(take_character(rest));
  return characters;
}

Characters stripped(const Characters& text) {
  const auto is_kept = [](char32_t c) { return !is_stripped(c); };
  const auto begin = std::ranges::find_if(text, is_kept);
  const auto end = std::find_if(text.rbegin(), text.rend(), is_kept).base();
  return begin < end ? Characters(begin, end) : Characters();
}

Characters lowered(const Characters& text) {
  Characters lower;
  lower.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == kCapitalIWithDot) {
      lower += U"i\u0307";
    } else if (text[i] == kCapitalSigma) {
      lower += is_final_sigma(text, i) ? U'\u03C2' : U'\u03C3';
    } else {
      lower += lower_of(text[i]);
    }
  }
  return lower;
}

// How many characters at `at` are this ASCII text, where case does not count; 0: they are not.
std::size_t matches(const Characters& text, std::size_t at, std::string_view what) {
  if (text.size() - at < what.size()) return 0;
  for (std::size_t i = 0; i < what.size(); ++i) {
    const char32_t c = text[at + i] == kLongS ? U's' : text[at + i];
    if (c != static_cast<unsigned char>(what[i])) return 0;
  }
  return what.size();
}

template <class Is>
std::size_t run_of(const Characters& text, std::size_t at, Is is) {
  std::size_t end = at;
  while (end < text.size() && is(text[end])) ++end;
  return end - at;
}

// How many characters the word at `at` has; 0: none begins there.
std::size_t word_at(const Characters& text, std::size_t at) {
  constexpr std::array<std::string_view, 9> kFixed{kClipStart, kClipEnd, "'s",  "'t", "'re",
                                                   "'ve",      "'m",     "'ll", "'d"};
  for (const auto fixed : kFixed) {
    if (const auto count = matches(text, at, fixed); count > 0) return count;
  }
  if (const auto count = run_of(text, at, is_letter); count > 0) return count;
  if (is_number(text[at])) return 1;
  return run_of(text, at, is_sign);
}

std::string utf8_of(std::u32string_view characters) {
  std::string text;
  for (const char32_t c : characters) append_character(text, c);
  return text;
}

}  // namespace

std::vector<std::string> clip_words(std::string_view text) {
  const Characters all = lowered(stripped(normal_characters(text)));
  std::vector<std::string> words;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t count = word_at(all, at);
    if (count > 0) words.push_back(utf8_of(std::u32string_view(all).substr(at, count)));
    at += std::max<std::size_t>(count, 1);
  }
  return words;
}

}  // namespace npu::text
