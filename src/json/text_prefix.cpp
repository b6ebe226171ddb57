#include "json/text_prefix.hpp"

#include <algorithm>
#include <array>

namespace npu::json {

std::string text_prefix(const boost::json::value& value, std::size_t bytes) {
  boost::json::serializer serializer;
  serializer.reset(&value);
  std::string text;
  std::array<char, 256> piece;
  while (text.size() < bytes && !serializer.done()) {
    text += serializer.read(piece.data(), std::min(piece.size(), bytes - text.size()));
  }
  return text;
}

}  // namespace npu::json
