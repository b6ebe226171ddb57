#include "text/tokenizer/normalizers.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "text/tokenizer/charsmap.hpp"
#include "text/tokenizer/described.hpp"
#include "text/unicode.hpp"

namespace npu::text {
namespace {

namespace bj = boost::json;

constexpr std::size_t kMostText = std::size_t{256} << 20;  // that a text may grow to

template <class Change>
std::string each_character(std::string_view text, Change change) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) change(result, take_character(text));
  return result;
}

std::string without(std::string_view text, bool (*is_left_out)(char32_t)) {
  return each_character(text, [&](std::string& out, char32_t c) {
    if (!is_left_out(c)) append_character(out, c);
  });
}

std::string without_space(std::string_view text, bool left, bool right) {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool begun = !left;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t at = text.size() - rest.size();
    const bool is_space = is_white_space(take_character(rest));
    if (!begun && !is_space) begin = at;
    begun = begun || !is_space;
    if (!is_space || !right) end = text.size() - rest.size();
  }
  return begun ? std::string(text.substr(begin, std::max(begin, end) - begin)) : std::string();
}

struct BertRules {
  bool clean = true;
  bool chinese = true;
  bool strip_accents = true;
  bool lower = true;
};

std::string bert(std::string text, const BertRules& rules) {
  text = each_character(text, [&](std::string& out, char32_t c) {
    const bool line = c == '\t' || c == '\n' || c == '\r';
    if (rules.clean && (c == 0 || c == 0xFFFD || (is_other(c) && !line))) return;
    if (rules.clean && is_white_space(c)) c = ' ';
    const bool apart = rules.chinese && is_chinese(c);
    if (apart) out += ' ';
    append_character(out, c);
    if (apart) out += ' ';
  });
  if (rules.strip_accents) text = without(normalised(text, NormalForm::kNfd), &is_nonspacing_mark);
  return rules.lower ? lowered(text) : text;
}

Normalizer bert_normalizer(const bj::object& in) {
  const bool lower = flag(in, "lowercase", true);
  const BertRules rules{.clean = flag(in, "clean_text", true),
                        .chinese = flag(in, "handle_chinese_chars", true),
                        .strip_accents = flag(in, "strip_accents", lower),
                        .lower = lower};
  return [rules](std::string text) -> Result<std::string> { return bert(std::move(text), rules); };
}

Result<std::string> replaced(std::string_view text, const Pattern& pattern,
                             std::string_view content) {
  std::string result;
  std::size_t done = 0;
  Pattern::Matches matches(pattern, text);
  for (;;) {
    const auto match = matches.next();
    if (!match) return fail(match.error());
    if (!*match) break;
    result += text.substr(done, (*match)->begin - done);
    result += content;
    done = (*match)->end;
    if (result.size() > kMostText) {
      return fail(ErrorCode::kTooLarge,
                  fmt::format("the text grows to more than {} bytes", kMostText));
    }
  }
  result += text.substr(done);
  return result;
}

Result<Normalizer> replace_of(const bj::object& in) {
  auto pattern = pattern_in(in, "pattern");
  if (!pattern) return fail(pattern.error());
  return [pattern = std::move(*pattern), content = std::string(text_in(in, "content"))](
             std::string text) { return replaced(text, pattern, content); };
}

Result<Normalizer> precompiled_of(const bj::object& in) {
  auto map = Charsmap::from_base64(text_in(in, "precompiled_charsmap"));
  if (!map) return fail(map.error());
  return
      [map = std::move(*map)](std::string text) -> Result<std::string> { return map.mapped(text); };
}

Result<Normalizer> make_part(const bj::value& described, int depth);

Result<Normalizer> normalizers_of(const bj::object& in, int depth) {
  auto parts = each_of<Normalizer>(
      in, "normalizers", [&](const bj::value& part) { return make_part(part, depth + 1); });
  if (!parts) return fail(parts.error());
  return [parts = std::move(*parts)](std::string text) -> Result<std::string> {
    for (const Normalizer& part : parts) {
      auto next = part(std::move(text));
      if (!next) return next;
      text = std::move(*next);
    }
    return text;
  };
}

template <class Change>
Normalizer always(Change change) {
  return [change](std::string text) -> Result<std::string> { return change(std::move(text)); };
}

Result<Normalizer> make_part(const bj::value& described, int depth) {
  constexpr int kDeepest = 8;
  const std::string_view type = type_of(described);
  if (type.empty() || depth > kDeepest) return unknown_part("normalizer", described);
  const bj::object& in = described.get_object();
  if (type == "Sequence") return normalizers_of(in, depth);
  if (type == "BertNormalizer") return bert_normalizer(in);
  if (type == "Replace") return replace_of(in);
  if (type == "Precompiled") return precompiled_of(in);
  for (const auto& [name, form] : {std::pair{"NFC", NormalForm::kNfc},
                                   {"NFD", NormalForm::kNfd},
                                   {"NFKC", NormalForm::kNfkc},
                                   {"NFKD", NormalForm::kNfkd}}) {
    if (type == name) return always([form](std::string text) { return normalised(text, form); });
  }
  if (type == "Lowercase") return always([](std::string text) { return lowered(text); });
  if (type == "StripAccents")
    return always([](std::string text) { return without(text, &is_mark); });
  if (type == "Strip") {
    return always([left = flag(in, "strip_left", true), right = flag(in, "strip_right", true)](
                      std::string text) { return without_space(text, left, right); });
  }
  if (type == "Prepend") {
    return always([prefix = std::string(text_in(in, "prepend"))](std::string text) {
      return text.empty() ? text : prefix + text;
    });
  }
  return unknown_part("normalizer", described);
}

}  // namespace

Result<Normalizer> make_normalizer(const bj::value& described) {
  if (described.is_null()) return always([](std::string text) { return text; });
  return make_part(described, 0);
}

}  // namespace npu::text
