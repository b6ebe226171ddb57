// What decodes encodes to the same text; what was encoded decodes to the same bytes.
#include <cstdlib>
#include <string_view>
#include <vector>

#include "tensor/base64.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace npu;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto decoded_size = base64_decoded_size(text)) {
    std::vector<std::byte> bytes(*decoded_size);
    if (base64_decode(text, bytes) && base64_encode(bytes) != text) std::abort();
  }
  const auto bytes = std::as_bytes(std::span(data, size));
  std::vector<std::byte> back(size);
  if (!base64_decode(base64_encode(bytes), back)) std::abort();
  if (!std::equal(back.begin(), back.end(), bytes.begin())) std::abort();
  return 0;
}
