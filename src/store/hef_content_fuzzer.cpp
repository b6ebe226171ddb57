// What is read of a description is as large as its bounds allow, whatever the bytes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "store/hef_content.hpp"

namespace {

constexpr std::size_t kMostItems = 16384;
constexpr std::size_t kLongestName = 512;
constexpr std::size_t kMostNumbers = 524288;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto content =
      npu::store::parse_hef_description({reinterpret_cast<const char*>(data), size});
  if (!content) {
    require(content.error().code == npu::ErrorCode::kMalformed);
    require(content.error().message.starts_with("no intact HEF file: "));
    return 0;
  }
  require(!content->groups.empty() && content->groups.size() <= kMostItems);
  std::size_t tensors = 0;
  for (const auto& group : content->groups) {
    require(group.name.size() <= kLongestName);
    tensors += group.inputs.size() + group.outputs.size();
    for (const auto* list : {&group.inputs, &group.outputs}) {
      for (const auto& tensor : *list) {
        require(tensor.name.size() <= kLongestName && !tensor.type.empty());
        require(tensor.feature_scales.size() <= kMostNumbers);
        require(!tensor.order.empty() && (!tensor.boxes || !tensor.quantisation));
      }
    }
  }
  require(tensors <= kMostItems);
  return 0;
}
