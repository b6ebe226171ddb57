// A tokenizer's file of somebody, and what it makes of a text: tokens that it has.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "services/clip/tokenizer_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto bpe = npu::clip::parse_tokenizer(text);
  if (!bpe) return 0;
  for (const std::int32_t token : bpe->encode("a photo of an ab cat, " + std::string(text), 75)) {
    if (token < 0 || static_cast<std::size_t>(token) >= bpe->size()) std::abort();
  }
  return 0;
}
