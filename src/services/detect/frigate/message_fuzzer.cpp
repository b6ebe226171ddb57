// Two parts of a message, the header's length in the first byte times 16.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "services/detect/frigate/message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t split = std::min<std::size_t>(std::size_t{data[0]} * 16, text.size());
  const std::array<std::string_view, 2> parts{text.substr(0, split), text.substr(split)};
  (void)npu::detect::frigate::read_message(parts);
  (void)npu::detect::frigate::read_message(std::span(parts).first(1));
  (void)npu::detect::frigate::is_model(parts[0], parts[1]);
  return 0;
}
