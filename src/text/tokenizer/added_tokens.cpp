#include "text/tokenizer/added_tokens.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "text/unicode.hpp"

namespace npu::text {
namespace {

bool ends_in_word(std::string_view text) {
  if (text.empty()) return false;
  std::string_view last = utf8_last(text);
  return is_word_character(take_character(last));
}

bool begins_in_word(std::string_view text) {
  return !text.empty() && is_word_character(take_character(text));
}

std::size_t without_space_behind(std::string_view text) {
  while (!text.empty()) {
    std::string_view last = utf8_last(text);
    const std::size_t size = last.size();
    if (!is_white_space(take_character(last))) break;
    text.remove_suffix(size);
  }
  return text.size();
}

std::size_t space_before(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view next = rest;
    if (!is_white_space(take_character(next))) break;
    rest = next;
  }
  return text.size() - rest.size();
}

}  // namespace

void AddedTokens::add(AddedToken token, std::string_view as_found) {
  if (as_found.empty()) return;
  first_bytes_.set(static_cast<unsigned char>(as_found.front()));
  trie_.add(as_found, static_cast<TokenId>(tokens_.size()));
  tokens_.push_back(std::move(token));
}

TextPart AddedTokens::token_at(std::string_view text, std::size_t at) const {
  TextPart found;
  if (!first_bytes_.test(static_cast<unsigned char>(text[at]))) return found;
  trie_.for_each_prefix(text.substr(at), [&](std::size_t bytes, TokenId index) {
    found = {text.substr(at, bytes), &tokens_[static_cast<std::size_t>(index)]};
  });
  return found;
}

std::vector<TextPart> AddedTokens::split(std::string_view text, bool special) const {
  std::vector<TextPart> parts;
  std::size_t done = 0;
  const auto add_text = [&](std::size_t end) {
    if (end > done) parts.push_back({text.substr(done, end - done), nullptr});
  };
  for (std::size_t at = 0; !empty() && at < text.size();) {
    const TextPart found = token_at(text, at);
    if (found.token == nullptr) {
      ++at;
      continue;
    }
    const AddedToken& token = *found.token;
    std::size_t begin = at;
    std::size_t end = at + found.text.size();
    at = end;
    const bool in_word = ends_in_word(text.substr(0, begin)) || begins_in_word(text.substr(end));
    if ((token.special && !special) || (token.single_word && in_word)) continue;
    if (token.left_strip) begin = done + without_space_behind(text.substr(done, begin - done));
    if (token.right_strip) end += space_before(text.substr(end));
    add_text(begin);
    parts.push_back({text.substr(begin, end - begin), &token});
    done = at = end;
  }
  add_text(text.size());
  return parts;
}

}  // namespace npu::text
