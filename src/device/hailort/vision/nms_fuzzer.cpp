// The first bytes choose a layout, the rest is what the device sent.

#include <cstdint>
#include <span>
#include <vector>

#include "device/hailort/vision/nms.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace npu::device::hailort;
  if (size < 6) return 0;
  const NmsLayout layout{.order = static_cast<NmsOrder>(data[0] % 3),
                         .classes = data[1] % 16,
                         .boxes_per_class = data[2] % 16,
                         .boxes = data[2],
                         .entry_bytes = std::size_t{30} + data[3] % 32,
                         .width = data[4] * 8,
                         .height = data[5] * 8,
                         .mask_bytes = std::size_t{data[1]} * 256};
  if (!check(layout)) return 0;
  const std::vector<std::uint8_t> frame(data + 6, data + size);
  std::vector<float> boxes(nms_rows(layout) * kNmsColumns);
  std::vector<std::byte> masks(layout.order == NmsOrder::kByteMask ? layout.mask_bytes : 0);
  (void)decode_nms(layout, std::as_bytes(std::span(frame)),
                   std::as_writable_bytes(std::span(boxes)), masks);
  return 0;
}
