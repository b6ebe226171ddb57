// CLIP's tokenizer from a file: a list of merges as OpenAI publishes it, unpacked, or a
// tokenizer.json as Hugging Face's library writes it and Hailo publishes it.
#pragma once

#include <string>
#include <string_view>

#include <npu/result.hpp>

#include "text/clip_bpe.hpp"

namespace npu::clip {

inline constexpr std::size_t kMaxTokenizerBytes = std::size_t{32} << 20;

// text: the file's. kMalformed, kUnsupported: it is neither, or not CLIP's.
Result<text::ClipBpe> parse_tokenizer(std::string_view text);

}  // namespace npu::clip
