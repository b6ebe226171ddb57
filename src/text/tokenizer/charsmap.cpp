#include "text/tokenizer/charsmap.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include <utf8proc.h>

#include "base/utf8.hpp"
#include "tensor/base64.hpp"
#include "text/unicode.hpp"

namespace npu::text {
namespace {

constexpr std::size_t kUnitBytes = sizeof(std::uint32_t);
constexpr std::size_t kLongestGrapheme = 5;  // that is looked up as a whole

// Units of Darts-clone's double array.
bool has_leaf(std::uint32_t unit) { return ((unit >> 8) & 1) != 0; }
std::uint32_t value_of(std::uint32_t unit) { return unit & 0x7FFFFFFF; }
std::uint32_t label_of(std::uint32_t unit) { return unit & 0x800000FF; }
std::uint32_t offset_of(std::uint32_t unit) { return (unit >> 10) << ((unit & (1U << 9)) >> 6); }

std::uint32_t unit_at(std::string_view bytes) {
  std::uint32_t unit = 0;
  for (std::size_t i = kUnitBytes; i > 0; --i) {
    unit = (unit << 8) | static_cast<unsigned char>(bytes[i - 1]);
  }
  return unit;
}

// The bytes of the grapheme cluster that the text begins with.
std::size_t grapheme_bytes(std::string_view text) {
  std::string_view rest = text;
  char32_t before = take_character(rest);
  utf8proc_int32_t state = 0;
  while (!rest.empty()) {
    std::string_view next = rest;
    const char32_t c = take_character(next);
    if (utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(before),
                                         static_cast<utf8proc_int32_t>(c), &state)) {
      break;
    }
    before = c;
    rest = next;
  }
  return text.size() - rest.size();
}

}  // namespace

Result<Charsmap> Charsmap::from_base64(std::string_view base64) {
  Charsmap map;
  if (base64.empty()) return map;
  const auto size = base64_decoded_size(base64);
  if (!size) return fail(size.error());
  std::string bytes(*size, '\0');
  if (auto ok = base64_decode(base64, std::as_writable_bytes(std::span(bytes))); !ok) {
    return fail(ok.error());
  }
  const std::size_t array = bytes.size() < kUnitBytes ? 0 : unit_at(bytes);
  if (array == 0 || array % kUnitBytes != 0 || array > bytes.size() - kUnitBytes) {
    return fail(ErrorCode::kMalformed, "precompiled_charsmap is no table of SentencePiece");
  }
  map.array_.reserve(array / kUnitBytes);
  for (std::size_t at = kUnitBytes; at < kUnitBytes + array; at += kUnitBytes) {
    map.array_.push_back(unit_at(std::string_view(bytes).substr(at)));
  }
  map.texts_ = bytes.substr(kUnitBytes + array);
  return map;
}

// What the shortest entry that the text begins with becomes, as Hugging Face's library has it.
std::optional<std::string_view> Charsmap::find(std::string_view text) const {
  if (array_.empty()) return std::nullopt;
  std::uint32_t at = offset_of(array_[0]);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    at ^= byte;
    if (byte == 0 || at >= array_.size() || label_of(array_[at]) != byte) return std::nullopt;
    const std::uint32_t unit = array_[at];
    at ^= offset_of(unit);
    if (!has_leaf(unit)) continue;
    const std::size_t begin = at < array_.size() ? value_of(array_[at]) : texts_.size();
    if (begin >= texts_.size()) return std::nullopt;
    return std::string_view(texts_.data() + begin,
                            ::strnlen(texts_.data() + begin, texts_.size() - begin));
  }
  return std::nullopt;
}

std::string Charsmap::mapped(std::string_view text) const {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    std::string_view grapheme = text.substr(0, grapheme_bytes(text));
    text.remove_prefix(grapheme.size());
    if (const auto whole = grapheme.size() <= kLongestGrapheme ? find(grapheme) : std::nullopt) {
      result += *whole;
      continue;
    }
    while (!grapheme.empty()) {
      const std::string_view character = utf8_first(grapheme);
      result += find(character).value_or(character);
      grapheme.remove_prefix(character.size());
    }
  }
  return result;
}

}  // namespace npu::text
