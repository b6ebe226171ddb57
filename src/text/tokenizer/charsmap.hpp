// SentencePiece's table of characters and what each becomes (NFKC and more), as it is in its files.
//
// Format, of sentencepiece/src/normalizer.cc: the size in bytes of a double array, the array, and
// the texts that it points into, each with a zero behind it; numbers are little-endian.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

namespace npu::text {

class Charsmap {
 public:
  // kMalformed. "" is the map that changes nothing.
  static Result<Charsmap> from_base64(std::string_view base64);

  // Grapheme by grapheme where that is short and stands in the table, else by characters.
  std::string mapped(std::string_view text) const;

 private:
  std::optional<std::string_view> find(std::string_view text) const;

  std::vector<std::uint32_t> array_;
  std::string texts_;
};

}  // namespace npu::text
