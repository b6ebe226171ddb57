#include "text/tokenizer/pre_tokenizers.hpp"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "text/tokenizer/described.hpp"
#include "text/tokenizer/splits.hpp"
#include "text/unicode.hpp"

namespace npu::text {
namespace {

namespace bj = boost::json;

constexpr std::string_view kOfGpt2 =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr std::string_view kWords = R"(\w+|[^\w\s]+)";

Result<MatchBecomes> behaviour_in(const bj::object& in, std::string_view otherwise) {
  const auto becomes = match_becomes(text_in(in, "behavior", otherwise));
  if (!becomes) {
    return fail(ErrorCode::kMalformed,
                "behavior must be Removed, Isolated, MergedWithPrevious, MergedWithNext or "
                "Contiguous");
  }
  return *becomes;
}

PreTokenizer by_pattern(Pattern pattern, MatchBecomes becomes, bool inverted) {
  return [pattern = std::move(pattern), becomes, inverted](std::string_view text, bool,
                                                           const PieceSink& sink) {
    return split(text, pattern, becomes, inverted, sink);
  };
}

PreTokenizer by_character(bool (*is_match)(char32_t), MatchBecomes becomes) {
  return [is_match, becomes](std::string_view text, bool, const PieceSink& sink) -> Status {
    split(text, is_match, becomes, sink);
    return {};
  };
}

Result<PreTokenizer> split_of(const bj::object& in) {
  auto pattern = pattern_in(in, "pattern");
  if (!pattern) return fail(pattern.error());
  const auto becomes = behaviour_in(in, {});
  if (!becomes) return fail(becomes.error());
  return by_pattern(std::move(*pattern), *becomes, flag(in, "invert", false));
}

Result<PreTokenizer> byte_level_of(const bj::object& in) {
  auto pattern = Pattern::from_regex(kOfGpt2);
  if (!pattern) return fail(pattern.error());
  return [pattern = std::move(*pattern), spaced = flag(in, "add_prefix_space", true),
          splits = flag(in, "use_regex", true)](std::string_view text, bool,
                                                const PieceSink& sink) -> Status {
    std::string with_space;
    if (spaced && !text.starts_with(' ')) {
      with_space = " ";
      with_space += text;
      text = with_space;
    }
    if (splits) return split(text, pattern, MatchBecomes::kIsolated, false, sink);
    sink(text);
    return {};
  };
}

// When a text that does not begin with a space gets one.
enum class Spaced { kAlways, kFirst, kNever };

struct MetaspaceRules {
  std::string space;  // what stands for one
  Spaced spaced = Spaced::kAlways;
  bool splits = true;
};

Status metaspace(const MetaspaceRules& rules, std::string_view text, bool is_first,
                 const PieceSink& sink) {
  std::string marked;
  for (const char c : text) {
    if (c == ' ') {
      marked += rules.space;
    } else {
      marked += c;
    }
  }
  const bool wanted =
      rules.spaced == Spaced::kAlways || (rules.spaced == Spaced::kFirst && is_first);
  if (wanted && !marked.starts_with(rules.space)) marked.insert(0, rules.space);
  if (!rules.splits) {
    sink(marked);
    return {};
  }
  return split(marked, Pattern::from_text(rules.space), MatchBecomes::kWithNext, false, sink);
}

Result<PreTokenizer> metaspace_of(const bj::object& in) {
  MetaspaceRules rules{
      .space = std::string(text_in(in, "replacement", "\u2581")),
      .spaced = flag(in, "add_prefix_space", true) ? Spaced::kAlways : Spaced::kNever,
      .splits = flag(in, "split", true)};
  const std::string_view scheme = text_in(in, "prepend_scheme");
  if (scheme == "always") rules.spaced = Spaced::kAlways;
  if (scheme == "first") rules.spaced = Spaced::kFirst;
  if (scheme == "never") rules.spaced = Spaced::kNever;
  if (rules.space.empty()) return fail(ErrorCode::kMalformed, "replacement must be a character");
  return [rules = std::move(rules)](std::string_view text, bool is_first, const PieceSink& sink) {
    return metaspace(rules, text, is_first, sink);
  };
}

// The parts from `next` on, each for the pieces of the one before it.
Status run(const std::vector<PreTokenizer>& parts, std::size_t next, std::string_view text,
           bool is_first, const PieceSink& sink) {
  if (next == parts.size()) {
    sink(text);
    return {};
  }
  Status status;
  bool at_begin = is_first;
  const Status own = parts[next](text, is_first, [&](std::string_view piece) {
    if (status) status = run(parts, next + 1, piece, std::exchange(at_begin, false), sink);
  });
  return own ? status : own;
}

Result<PreTokenizer> make_splitter(const bj::value& described, int depth);

Result<PreTokenizer> splitters_of(const bj::object& in, int depth) {
  auto parts = each_of<PreTokenizer>(
      in, "pretokenizers", [&](const bj::value& part) { return make_splitter(part, depth + 1); });
  if (!parts) return fail(parts.error());
  return [parts = std::move(*parts)](std::string_view text, bool is_first, const PieceSink& sink) {
    return run(parts, 0, text, is_first, sink);
  };
}

Result<PreTokenizer> bert() {
  return [](std::string_view text, bool, const PieceSink& sink) -> Status {
    split(text, &is_white_space, MatchBecomes::kRemoved, [&](std::string_view word) {
      split(word, &is_punctuation, MatchBecomes::kIsolated, sink);
    });
    return {};
  };
}

Result<PreTokenizer> make_splitter(const bj::value& described, int depth) {
  constexpr int kDeepest = 8;
  const std::string_view type = type_of(described);
  if (type.empty() || depth > kDeepest) return unknown_part("pre_tokenizer", described);
  const bj::object& in = described.get_object();
  if (type == "Sequence") return splitters_of(in, depth);
  if (type == "Split") return split_of(in);
  if (type == "ByteLevel") return byte_level_of(in);
  if (type == "Metaspace") return metaspace_of(in);
  if (type == "BertPreTokenizer") return bert();
  if (type == "WhitespaceSplit") return by_character(&is_white_space, MatchBecomes::kRemoved);
  if (type == "Punctuation") {
    const auto becomes = behaviour_in(in, "Isolated");
    if (!becomes) return fail(becomes.error());
    return by_character(&is_punctuation, *becomes);
  }
  if (type == "Digits") {
    const bool single = flag(in, "individual_digits", false);
    return by_character(&is_number, single ? MatchBecomes::kIsolated : MatchBecomes::kContiguous);
  }
  if (type == "Whitespace") {
    auto pattern = Pattern::from_regex(kWords);
    if (!pattern) return fail(pattern.error());
    return by_pattern(std::move(*pattern), MatchBecomes::kRemoved, true);
  }
  return unknown_part("pre_tokenizer", described);
}

}  // namespace

Result<PreTokenizer> make_pre_tokenizer(const bj::value& described) {
  if (described.is_null()) {
    return [](std::string_view text, bool, const PieceSink& sink) -> Status {
      sink(text);
      return {};
    };
  }
  return make_splitter(described, 0);
}

bool is_of_bytes(const bj::value& described) {
  const bj::value* last = &described;
  while (type_of(*last) == "Sequence") {
    const auto* parts = last->get_object().if_contains("pretokenizers");
    if (parts == nullptr || !parts->is_array() || parts->get_array().empty()) return false;
    last = &parts->get_array().back();
  }
  return type_of(*last) == "ByteLevel";
}

}  // namespace npu::text
