// What detection networks say after non-maximum suppression, in three layouts, as one list of
// boxes.
//
// Layouts (all little-endian, packed, the rest of the frame is garbage):
//   by class   for each class: float32 count, count * {y_min, x_min, y_max, x_max, score: float32}
//   by score   uint16 count, count * {y_min, x_min, y_max, x_max, score: float32, class: uint16}
//   byte mask  uint16 count, count * {as by score, mask size: uint64, ...} each followed by its
//   mask
// Coordinates are fractions of the network input. The bytes come from another computer: whatever
// they are, nothing outside the frame is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <npu/result.hpp>

namespace npu::device::hailort {

enum class NmsOrder { kByClass, kByScore, kByteMask };

struct NmsLayout {
  NmsOrder order = NmsOrder::kByClass;
  int classes = 0;              // by class
  int boxes_per_class = 0;      // by class
  int boxes = 0;                // otherwise
  std::size_t entry_bytes = 0;  // byte mask: of the record before a mask, which differs by version
  int width = 0;                // byte mask: of the network input
  int height = 0;
  std::size_t mask_bytes = 0;  // byte mask: all masks of a frame together
};

// Bounds of what a layout may ask for; a file that asks for more is not for us.
inline constexpr int kMaxNmsRows = 1 << 20;
inline constexpr std::size_t kMaxNmsMaskBytes = std::size_t{1} << 30;
// kMalformed where the numbers of a layout, which come from a model file, make no sense.
Status check(const NmsLayout& layout);

// Rows of a result, each x_min, y_min, x_max, y_max, score, class.
inline constexpr std::size_t kNmsColumns = 6;
std::size_t nms_rows(const NmsLayout& layout);

// The greatest score first; unused rows are zero, with class -1. Boxes that are not numbers are
// left out. masks: layout.mask_bytes of them, else empty; the masks of the rows in their order,
// each ceil((x_max - x_min) * width) by ceil((y_max - y_min) * height) bytes in float32 arithmetic,
// then zeros; a row whose mask has no room is left out. kInternal where the frame is not of this
// layout.
Status decode_nms(const NmsLayout& layout, std::span<const std::byte> frame,
                  std::span<std::byte> boxes, std::span<std::byte> masks);

}  // namespace npu::device::hailort
