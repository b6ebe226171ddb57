#include "text/tokenizer/tokenizer.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "json/fields.hpp"
#include "text/byte_names.hpp"
#include "text/tokenizer/added_tokens.hpp"
#include "text/tokenizer/bpe.hpp"
#include "text/tokenizer/described.hpp"
#include "text/tokenizer/normalizers.hpp"
#include "text/tokenizer/post_processor.hpp"
#include "text/tokenizer/pre_tokenizers.hpp"
#include "text/tokenizer/tokenizer_file.hpp"
#include "text/tokenizer/unigram.hpp"
#include "text/tokenizer/word_piece.hpp"

namespace npu::text {

namespace bj = boost::json;

struct Tokenizer::Parts {
  struct Added {
    std::string content;
    bool special = false;
  };

  bool of_bytes = false;
  Vocabulary vocabulary;
  std::unique_ptr<const TokenModel> model;
  std::unordered_map<TokenId, Added> added;
  std::unordered_map<std::string, TokenId> added_ids;
  AddedTokens before_normalizing;
  AddedTokens after_normalizing;
  Normalizer normalizer;
  PreTokenizer pre_tokenizer;
  Surroundings surroundings;
  Decoder decoder;
  TokenId size = 0;

  Status encode_text(std::string_view text, bool is_first, std::vector<TokenId>& ids) const;
  Status encode_part(std::string_view text, bool is_first, bool special,
                     std::vector<TokenId>& ids) const;
  std::string_view text_of(TokenId id) const;
};

namespace {

const bj::value& member(const bj::object& in, std::string_view name) {
  static const bj::value kNull;
  const auto* value = in.if_contains(name);
  return value == nullptr ? kNull : *value;
}

Status read_vocabulary(const TokenizerFile& file, bool of_bytes, Vocabulary& vocabulary) {
  for (std::size_t i = 0; i < file.tokens.size(); ++i) {
    const double number = file.scored ? static_cast<double>(i) : file.numbers[i];
    if (number < 0 || number >= Vocabulary::kMostTokens || number != std::floor(number)) {
      return fail(ErrorCode::kMalformed, fmt::format("the id of token {} must be in 0..{}, got {}",
                                                     i, Vocabulary::kMostTokens - 1, number));
    }
    const auto bytes = of_bytes ? bytes_of_names(file.tokens[i]) : std::nullopt;
    const std::string_view text = bytes ? std::string_view(*bytes) : file.tokens[i];
    // What is no bytes is never found in a text, and says itself.
    const bool is_found = !of_bytes || bytes.has_value();
    if (auto ok = vocabulary.add(text, static_cast<std::int64_t>(number), is_found); !ok) return ok;
  }
  return {};
}

Texts merges_of(const TokenizerFile& file, bool of_bytes) {
  if (!of_bytes) return file.merges;
  Texts merges;
  for (std::size_t i = 0; i < file.merges.size(); ++i) {
    merges.add(bytes_of_names(file.merges[i]).value_or(std::string(file.merges[i])));
  }
  return merges;
}

std::string bytes_or_same(std::string_view text, bool of_bytes) {
  const auto bytes = of_bytes ? bytes_of_names(text) : std::nullopt;
  return bytes.value_or(std::string(text));
}

template <class Model>
Result<std::unique_ptr<const TokenModel>> as_model(Result<std::unique_ptr<Model>> made) {
  if (!made) return fail(made.error());
  return std::unique_ptr<const TokenModel>(std::move(*made));
}

// Old files do not say which it is.
std::string_view kind_of(const bj::object& model, const TokenizerFile& file) {
  const std::string_view type = text_in(model, "type");
  if (!type.empty()) return type;
  if (file.scored) return "Unigram";
  return model.contains("merges") ? "BPE" : "WordPiece";
}

Result<std::unique_ptr<const TokenModel>> make_model(const bj::object& in,
                                                     const TokenizerFile& file, bool of_bytes,
                                                     const Vocabulary& vocabulary) {
  const std::string_view kind = kind_of(in, file);
  if (kind == "BPE") {
    BpeRules rules{.of_bytes = of_bytes,
                   .byte_fallback = flag(in, "byte_fallback", false),
                   .fuse_unknown = flag(in, "fuse_unk", false),
                   .ignore_merges = flag(in, "ignore_merges", false),
                   .unknown = bytes_or_same(text_in(in, "unk_token"), of_bytes),
                   .prefix = bytes_or_same(text_in(in, "continuing_subword_prefix"), of_bytes),
                   .suffix = bytes_or_same(text_in(in, "end_of_word_suffix"), of_bytes)};
    return as_model(Bpe::make(vocabulary, merges_of(file, of_bytes), std::move(rules)));
  }
  if (kind == "WordPiece") {
    WordPieceRules rules{.unknown = std::string(text_in(in, "unk_token", "[UNK]")),
                         .prefix = std::string(text_in(in, "continuing_subword_prefix", "##")),
                         .most_characters = static_cast<std::size_t>(std::clamp<std::int64_t>(
                             number_in(in, "max_input_chars_per_word", 100), 1, 1000))};
    return as_model(WordPiece::make(vocabulary, std::move(rules)));
  }
  if (kind == "Unigram" && file.scored) {
    UnigramRules rules{.byte_fallback = flag(in, "byte_fallback", false)};
    const auto unknown = number_in(in, "unk_id", -1);
    if (unknown >= 0 && unknown < vocabulary.size()) rules.unknown = static_cast<TokenId>(unknown);
    return as_model(Unigram::make(vocabulary, file.numbers, rules));
  }
  return fail(ErrorCode::kUnsupported,
              fmt::format("the model {} of this tokenizer is not known here; BPE, WordPiece and "
                          "Unigram are",
                          json::quote(kind)));
}

Result<AddedToken> added_token(const bj::value& described) {
  const auto* in = described.if_object();
  const std::int64_t id = in == nullptr ? -1 : number_in(*in, "id", -1);
  if (id < 0 || id >= Vocabulary::kMostTokens) {
    return fail(ErrorCode::kMalformed, fmt::format("an added token must have an id in 0..{}",
                                                   Vocabulary::kMostTokens - 1));
  }
  const bool special = flag(*in, "special", false);
  return AddedToken{.id = static_cast<TokenId>(id),
                    .content = std::string(text_in(*in, "content")),
                    .single_word = flag(*in, "single_word", false),
                    .left_strip = flag(*in, "lstrip", false),
                    .right_strip = flag(*in, "rstrip", false),
                    .normalised = flag(*in, "normalized", !special),
                    .special = special};
}

}  // namespace

// Where a piece fails, the others do not matter any more.
Status Tokenizer::Parts::encode_text(std::string_view text, bool is_first,
                                     std::vector<TokenId>& ids) const {
  return pre_tokenizer(text, is_first, [&](std::string_view piece) {
    if (!piece.empty()) model->tokenize(piece, ids);
  });
}

Status Tokenizer::Parts::encode_part(std::string_view text, bool is_first, bool special,
                                     std::vector<TokenId>& ids) const {
  const auto normal = normalizer(std::string(text));
  if (!normal) return fail(normal.error());
  bool at_begin = is_first;
  for (const TextPart& part : after_normalizing.split(*normal, special)) {
    const bool begins = std::exchange(at_begin, false);
    if (part.token != nullptr) {
      ids.push_back(part.token->id);
    } else if (auto ok = encode_text(part.text, begins, ids); !ok) {
      return ok;
    }
  }
  return {};
}

std::string_view Tokenizer::Parts::text_of(TokenId id) const {
  const auto found = added.find(id);
  return found == added.end() ? vocabulary.text_of(id) : std::string_view(found->second.content);
}

Tokenizer::Tokenizer(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Result<Tokenizer> Tokenizer::from_json(std::string_view json) {
  const auto file = read_tokenizer_file(json);
  if (!file) return fail(file.error());
  const auto* root = file->root.if_object();
  if (root == nullptr || !member(*root, "model").is_object()) {
    return fail(ErrorCode::kMalformed, "it has no model");
  }
  auto parts = std::make_unique<Parts>();
  parts->of_bytes = is_of_bytes(member(*root, "pre_tokenizer"));
  if (auto ok = read_vocabulary(*file, parts->of_bytes, parts->vocabulary); !ok) {
    return fail(ok.error());
  }
  auto model =
      make_model(member(*root, "model").get_object(), *file, parts->of_bytes, parts->vocabulary);
  if (!model) return fail(model.error());
  parts->model = std::move(*model);
  auto normalizer = make_normalizer(member(*root, "normalizer"));
  if (!normalizer) return fail(normalizer.error());
  parts->normalizer = std::move(*normalizer);
  auto pre_tokenizer = make_pre_tokenizer(member(*root, "pre_tokenizer"));
  if (!pre_tokenizer) return fail(pre_tokenizer.error());
  parts->pre_tokenizer = std::move(*pre_tokenizer);
  auto surroundings = make_surroundings(member(*root, "post_processor"));
  if (!surroundings) return fail(surroundings.error());
  parts->surroundings = std::move(*surroundings);
  auto decoder = make_decoder(member(*root, "decoder"));
  if (!decoder) return fail(decoder.error());
  parts->decoder = std::move(*decoder);

  parts->size = parts->vocabulary.size();
  const auto& added = member(*root, "added_tokens");
  for (const auto& element : added.is_array() ? added.get_array() : bj::array()) {
    auto token = added_token(element);
    if (!token) return fail(token.error());
    parts->size = std::max(parts->size, token->id + 1);
    parts->added[token->id] = {token->content, token->special};
    parts->added_ids[token->content] = token->id;
    if (!token->normalised) {
      const std::string content = token->content;
      parts->before_normalizing.add(std::move(*token), content);
      continue;
    }
    const auto content = parts->normalizer(token->content);
    if (!content) return fail(content.error());
    parts->after_normalizing.add(std::move(*token), *content);
  }
  return Tokenizer(std::move(parts));
}

Result<std::vector<TokenId>> Tokenizer::encode(std::string_view text,
                                               const EncodeOptions& options) const {
  const Surroundings& around = parts_->surroundings;
  std::vector<TokenId> ids;
  if (options.adds_special) ids = around.before;
  const std::string valid = valid_utf8(text);
  bool at_begin = true;
  for (const TextPart& part : parts_->before_normalizing.split(valid, options.reads_special)) {
    const bool begins = std::exchange(at_begin, false);
    if (part.token != nullptr) {
      ids.push_back(part.token->id);
    } else if (auto ok = parts_->encode_part(part.text, begins, options.reads_special, ids); !ok) {
      return fail(ok.error());
    }
  }
  if (options.adds_special) ids.insert(ids.end(), around.behind.begin(), around.behind.end());
  return ids;
}

std::string Tokenizer::decode(std::span<const TokenId> ids, bool skips_special) const {
  Detokenizer stream(*this, skips_special);
  std::string text;
  for (const TokenId id : ids) text += stream.add(id);
  text += stream.finish();
  return text;
}

TokenId Tokenizer::size() const { return parts_->size; }

std::optional<TokenId> Tokenizer::find(std::string_view token) const {
  const auto added = parts_->added_ids.find(std::string(token));
  if (added != parts_->added_ids.end()) return added->second;
  return parts_->vocabulary.find(bytes_or_same(token, parts_->of_bytes));
}

bool Tokenizer::is_special(TokenId id) const {
  const auto found = parts_->added.find(id);
  return found != parts_->added.end() && found->second.special;
}

std::string Tokenizer::bytes_of(TokenId id) const {
  std::string text(parts_->text_of(id));
  for (const auto& part : parts_->decoder) {
    DecoderPart::State state{.begun = true};
    part->decode(text, state);
  }
  return text;
}

Detokenizer::Detokenizer(const Tokenizer& tokenizer, bool skips_special)
    : tokenizer_(tokenizer),
      skips_special_(skips_special),
      states_(tokenizer.parts_->decoder.size()) {}

std::string Detokenizer::add(TokenId id) {
  const auto& parts = *tokenizer_.parts_;
  std::string text(parts.text_of(id));
  if (text.empty() || (skips_special_ && tokenizer_.is_special(id))) return {};
  for (std::size_t i = 0; i < parts.decoder.size(); ++i) parts.decoder[i]->decode(text, states_[i]);
  tail_ += text;
  const std::size_t cut = utf8_cut_tail(tail_);
  const std::string whole = valid_utf8(std::string_view(tail_).substr(0, tail_.size() - cut));
  tail_.erase(0, tail_.size() - cut);
  return whole;
}

std::string Detokenizer::finish() { return valid_utf8(std::exchange(tail_, {})); }

}  // namespace npu::text
