// What CLIP's tokenizer does with a text before it looks at bytes: clip/simple_tokenizer.py of
// github.com/openai/CLIP, which parts texts by a regular expression of Python's `regex` module.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace npu::text {

inline constexpr std::string_view kClipStart = "<|startoftext|>";
inline constexpr std::string_view kClipEnd = "<|endoftext|>";

// The words in their order, in lower case and in normalisation form C: runs of letters, single
// digits, runs of what is neither, endings such as 's, and the two names above. White space parts
// words and is in none. UTF-8; bytes that are none count as U+FFFD. Left out of the original: what
// the ftfy package repairs beside that form, and HTML's entities.
std::vector<std::string> clip_words(std::string_view text);

}  // namespace npu::text
