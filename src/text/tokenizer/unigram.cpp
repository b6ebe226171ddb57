#include "text/tokenizer/unigram.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace npu::text {
namespace {

constexpr double kPenalty = 10;  // of the unknown token, below the lowest score
constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

}  // namespace

Result<std::unique_ptr<Unigram>> Unigram::make(const Vocabulary& vocabulary,
                                               std::vector<double> scores, UnigramRules rules) {
  if (scores.empty() || scores.size() != static_cast<std::size_t>(vocabulary.size())) {
    return fail(ErrorCode::kMalformed, "model.vocab must be a list of [token, score]");
  }
  if (!rules.unknown || !vocabulary.has(*rules.unknown)) {
    return fail(ErrorCode::kMalformed, "model.unk_id must be the number of a token");
  }
  return std::unique_ptr<Unigram>(
      new Unigram(vocabulary, std::move(scores), *rules.unknown, rules.byte_fallback));
}

Unigram::Unigram(const Vocabulary& vocabulary, std::vector<double> scores, TokenId unknown,
                 bool byte_fallback)
    : vocabulary_(vocabulary),
      scores_(std::move(scores)),
      unknown_(unknown),
      unknown_score_(std::ranges::min(scores_) - kPenalty),
      has_bytes_(byte_fallback) {
  for (TokenId id = 0; id < vocabulary_.size(); ++id) {
    const auto text = vocabulary_.text_of(id);
    if (!text.empty()) trie_.add(text, id);
  }
  for (std::size_t byte = 0; byte < byte_ids_.size(); ++byte) {
    const auto id = vocabulary_.find(fmt::format("<0x{:02X}>", byte));
    has_bytes_ = has_bytes_ && id.has_value();
    byte_ids_[byte] = id.value_or(unknown_);
  }
}

void Unigram::tokenize(std::string_view piece, std::vector<TokenId>& ids) const {
  struct End {  // of the best way to here
    double score = 0;
    std::size_t begin = kNowhere;  // of its last token
    TokenId id = 0;
  };
  std::vector<End> ends(piece.size() + 1);
  const auto offer = [&](std::size_t begin, std::size_t end, TokenId id, double score) {
    const double total = ends[begin].score + score;
    if (ends[end].begin == kNowhere || total > ends[end].score) ends[end] = {total, begin, id};
  };
  for (std::size_t at = 0; at < piece.size();) {
    const std::size_t character = utf8_first(piece.substr(at)).size();
    bool has_character = false;
    trie_.for_each_prefix(piece.substr(at), [&](std::size_t bytes, TokenId id) {
      offer(at, at + bytes, id, scores_[static_cast<std::size_t>(id)]);
      has_character = has_character || bytes == character;
    });
    if (!has_character) offer(at, at + character, unknown_, unknown_score_);
    at += character;
  }
  std::vector<std::size_t> way;
  for (std::size_t end = piece.size(); end > 0; end = ends[end].begin) way.push_back(end);
  // Unknown ones in a row are one.
  for (std::size_t i = way.size(); i > 0;) {
    const End& token = ends[way[--i]];
    if (token.id != unknown_) {
      ids.push_back(token.id);
      continue;
    }
    while (i > 0 && ends[way[i - 1]].id == unknown_) --i;
    add_unknown(piece.substr(token.begin, way[i] - token.begin), ids);
  }
}

void Unigram::add_unknown(std::string_view text, std::vector<TokenId>& ids) const {
  if (const auto id = vocabulary_.find(text)) {
    ids.push_back(*id);
  } else if (has_bytes_) {
    for (const char byte : text) ids.push_back(byte_ids_[static_cast<unsigned char>(byte)]);
  } else {
    ids.push_back(unknown_);
  }
}

}  // namespace npu::text
