#include "json/text_prefix.hpp"

namespace npu::json {

std::string text_prefix(const boost::json::value& value, std::size_t bytes) {
  boost::json::serializer serializer;
  serializer.reset(&value);
  std::string text(bytes, '\0');
  std::size_t size = 0;
  while (size < bytes && !serializer.done()) {
    size += serializer.read(text.data() + size, bytes - size).size();
  }
  text.resize(size);
  return text;
}

}  // namespace npu::json
