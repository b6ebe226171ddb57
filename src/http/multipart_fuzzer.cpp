#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http/multipart.hpp"

// The first line is the content type, the rest the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = text.substr(0, text.find('\n'));
  const auto body = text.substr(std::min(line.size() + 1, text.size()));
  if (const auto form = npu::http::Multipart::parse(line, body)) {
    for (const auto& part : form->parts()) {
      const bool inside = part.data.data() >= body.data() &&
                          part.data.data() + part.data.size() <= body.data() + body.size();
      if (!inside) std::abort();
    }
  }
  return 0;
}
