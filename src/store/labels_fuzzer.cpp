// A list of labels that lies beside a model: a recogniser's dictionary, a detector's classes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/utf8.hpp"
#include "store/description_of.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto labels = npu::store::parse_labels(text);
  if (!labels) return 0;
  if (labels->empty()) std::abort();
  for (const std::string& label : *labels) {
    if (label.empty() || npu::valid_utf8(label) != label) std::abort();
  }
  return 0;
}
