// Unicode's characters, as tokenizers look at them. Texts are valid UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace npu::text {

// Takes the first character off; text is not empty.
char32_t take_character(std::string_view& text);
void append_character(std::string& text, char32_t character);

bool is_white_space(char32_t c);  // White_Space
bool is_letter(char32_t c);       // L*
bool is_number(char32_t c);       // N*
bool is_mark(char32_t c);         // M*
bool is_nonspacing_mark(char32_t c);
bool is_punctuation(char32_t c);     // P*, and what ASCII calls so: $+<=>^`|~
bool is_word_character(char32_t c);  // a letter, number, mark or connector
bool is_other(char32_t c);           // control, format, private; not what is not assigned
bool is_chinese(char32_t c);         // as BERT has it: CJK ideographs

char32_t lower_of(char32_t c);
char32_t upper_of(char32_t c);

// Each character for itself: a sigma at the end of a word is like any other.
std::string lowered(std::string_view text);

enum class NormalForm { kNfc, kNfd, kNfkc, kNfkd };
std::string normalised(std::string_view text, NormalForm form);

}  // namespace npu::text
