// The text that a simulated language model says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace npu::device::sim {

// Cuts text into tokens: a word with the white space before it. Joined they are the text again.
std::vector<std::string_view> split_tokens(std::string_view text);

// The last thing that the user said in a ChatML prompt, without picture placeholders; the whole
// prompt if it is not ChatML.
std::string last_user_text(std::string_view prompt);

// A prompt's length as this device counts it: one token for every four bytes, at least one.
int count_tokens(std::string_view prompt);

}  // namespace npu::device::sim
