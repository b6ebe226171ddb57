// Reads a tokenizer.json and, behind its first zero byte, a text: its tokens, and what they say.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "text/tokenizer/tokenizer.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void try_text(const npu::text::Tokenizer& tokenizer, std::string_view text) {
  for (const bool special : {false, true}) {
    const auto ids = tokenizer.encode(text, {.adds_special = special, .reads_special = special});
    if (!ids) continue;
    npu::text::Detokenizer stream(tokenizer);
    std::string said;
    for (const auto id : *ids) {
      require(id >= 0);
      said += stream.add(id);
    }
    said += stream.finish();
    require(said == tokenizer.decode(*ids));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const auto end = std::min(all.find('\0'), all.size());
  const auto tokenizer = npu::text::Tokenizer::from_json(all.substr(0, end));
  if (tokenizer) try_text(*tokenizer, all.substr(std::min(end + 1, all.size())));
  return 0;
}
