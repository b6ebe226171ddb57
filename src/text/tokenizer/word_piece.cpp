#include "text/tokenizer/word_piece.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace npu::text {
Result<std::unique_ptr<WordPiece>> WordPiece::make(const Vocabulary& vocabulary,
                                                   WordPieceRules rules) {
  const auto unknown = vocabulary.find(rules.unknown);
  if (!unknown) {
    return fail(ErrorCode::kMalformed,
                fmt::format("the vocabulary does not have the unknown token {}", rules.unknown));
  }
  return std::unique_ptr<WordPiece>(new WordPiece(vocabulary, std::move(rules), *unknown));
}

void WordPiece::tokenize(std::string_view piece, std::vector<TokenId>& ids) const {
  if (utf8_length(piece) > rules_.most_characters) {
    ids.push_back(unknown_);
    return;
  }
  const std::size_t before = ids.size();
  std::string candidate;
  for (std::size_t begin = 0; begin < piece.size();) {
    candidate = begin > 0 ? rules_.prefix : std::string();
    const std::size_t mark = candidate.size();
    candidate += piece.substr(begin);
    std::size_t end = piece.size();
    std::optional<TokenId> found;
    while (end > begin && !(found = vocabulary_.find(candidate))) {
      end -= utf8_last(piece.substr(begin, end - begin)).size();
      candidate.resize(mark + end - begin);
    }
    if (!found || end == begin) {
      ids.resize(before);
      ids.push_back(unknown_);
      return;
    }
    ids.push_back(*found);
    begin = end;
  }
}

}  // namespace npu::text
