#include "media/ascii_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include <boost/locale/utf.hpp>

namespace npu::media {
namespace {

using Utf8 = boost::locale::utf::utf_traits<char>;
using CodePoint = boost::locale::utf::code_point;

constexpr std::string_view kMore = "...";

// From U+00C0 to U+017F, two columns each: Latin-1 and Latin Extended-A.
constexpr CodePoint kFirstLatin = 0xC0;
constexpr std::string_view kLatin =
    "A A A A A A AEC E E E E I I I I D N O O O O O x O U U U U Y Thss"
    "a a a a a a aec e e e e i i i i d n o o o o o / o u u u u y thy "
    "A a A a A a C c C c C c C c D d D d E e E e E e E e E e G g G g "
    "G g G g H h H h I i I i I i I i I i IJijJ j K k k L l L l L l L "
    "l L l N n N n N n n N n O o O o O o OEoeR r R r R r S s S s S s "
    "S s T t T t T t U u U u U u U u U u U u W w Y y Y Z z Z z Z z s ";
static_assert(kLatin.size() == std::size_t{2} * (0x180 - kFirstLatin));

constexpr std::array<std::pair<CodePoint, std::string_view>, 13> kSigns{{
    {0xA0, " "},
    {0xAD, "-"},
    {0xB0, "deg"},
    {0x2010, "-"},
    {0x2011, "-"},
    {0x2013, "-"},
    {0x2014, "-"},
    {0x2018, "'"},
    {0x2019, "'"},
    {0x201C, "\""},
    {0x201D, "\""},
    {0x2026, kMore},
    {0x20AC, "EUR"},
}};

std::string_view latin_letter(CodePoint letter) {
  const std::string_view both = kLatin.substr(std::size_t{2} * (letter - kFirstLatin), 2);
  return both.substr(0, both[1] == ' ' ? 1 : 2);
}

void append(CodePoint character, std::string& out) {
  if (character < 0x20 || character == 0x7F) {
    out += ' ';
  } else if (character < 0x7F) {
    out += static_cast<char>(character);
  } else if (character >= kFirstLatin && character < 0x180) {
    out += latin_letter(character);
  } else {
    const auto* const sign =
        std::ranges::find(kSigns, character, &std::pair<CodePoint, std::string_view>::first);
    out += sign != kSigns.end() ? sign->second : "?";
  }
}

}  // namespace

std::string to_ascii(std::string_view utf8, std::size_t longest) {
  std::string out;
  const char* at = utf8.data();
  const char* const end = at + utf8.size();
  while (at != end && out.size() <= longest) {
    const char* next = at;
    const CodePoint character = Utf8::decode(next, end);
    // Of what is none, one byte at a time.
    const bool valid = boost::locale::utf::is_valid_codepoint(character);
    append(character, out);
    at = valid ? next : at + 1;
  }
  if (out.size() <= longest) return out;
  out.resize(longest);
  if (longest > kMore.size()) out.replace(longest - kMore.size(), kMore.size(), kMore);
  return out;
}

}  // namespace npu::media
