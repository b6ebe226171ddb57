#include "text/tokenizer/joints.hpp"

#include "text/unicode.hpp"

namespace npu::text {

Joints::Joints(const Vocabulary& vocabulary) {
  for (TokenId id = 0; id < vocabulary.size(); ++id) {
    std::string_view text = vocabulary.text_of(id);
    if (text.empty()) continue;
    char32_t left = take_character(text);
    if (text.empty()) characters_.insert(left);
    while (!text.empty()) {
      const char32_t right = take_character(text);
      pairs_.insert(key_of(left, right));
      left = right;
    }
  }
}

bool Joints::is_cut(char32_t left, char32_t right) const {
  return !pairs_.contains(key_of(left, right)) && characters_.contains(left) &&
         characters_.contains(right);
}

std::size_t Joints::part_of(std::string_view text) const {
  std::string_view rest = text;
  char32_t left = take_character(rest);
  while (!rest.empty()) {
    std::string_view next = rest;
    const char32_t right = take_character(next);
    if (is_cut(left, right)) break;
    left = right;
    rest = next;
  }
  return text.size() - rest.size();
}

}  // namespace npu::text
