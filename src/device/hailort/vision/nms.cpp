#include "device/hailort/vision/nms.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace npu::device::hailort {
namespace {

constexpr std::size_t kBoxBytes = 5 * sizeof(float);
constexpr std::size_t kDetectionBytes = kBoxBytes + sizeof(std::uint16_t);
constexpr std::size_t kMaskHeadBytes = kDetectionBytes + sizeof(std::uint64_t);
constexpr int kMaxSide = 1 << 14;

struct Detection {
  float x_min = 0;
  float y_min = 0;
  float x_max = 0;
  float y_max = 0;
  float score = 0;
  int category = -1;
  std::span<const std::byte> mask;

  bool is_number() const {
    return std::isfinite(x_min) && std::isfinite(y_min) && std::isfinite(x_max) &&
           std::isfinite(y_max) && std::isfinite(score);
  }
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}

  // None where the bytes end before.
  std::optional<std::span<const std::byte>> take(std::uint64_t bytes) {
    if (bytes > rest_.size()) return std::nullopt;
    const auto taken = rest_.first(static_cast<std::size_t>(bytes));
    rest_ = rest_.subspan(static_cast<std::size_t>(bytes));
    return taken;
  }
  template <class T>
  std::optional<T> number() {
    const auto bytes = take(sizeof(T));
    if (!bytes) return std::nullopt;
    T value;
    std::memcpy(&value, bytes->data(), sizeof(T));
    return value;
  }

 private:
  std::span<const std::byte> rest_;
};

Detection parse_box(std::span<const std::byte> bytes) {
  std::array<float, 5> values{};
  std::memcpy(values.data(), bytes.data(), kBoxBytes);
  return {.x_min = values[1],
          .y_min = values[0],
          .x_max = values[3],
          .y_max = values[2],
          .score = values[4]};
}

tl::unexpected<Error> not_of_this_layout(std::string_view what) {
  return fail(ErrorCode::kInternal, fmt::format("the device sent a list of boxes {}", what));
}

tl::unexpected<Error> cut_off() { return not_of_this_layout("that is cut off"); }

Result<std::vector<Detection>> read_by_class(const NmsLayout& layout, Reader reader) {
  std::vector<Detection> found;
  for (int category = 0; category < layout.classes; ++category) {
    const auto count = reader.number<float>();
    if (!count) return cut_off();
    if (!(*count >= 0 && *count <= static_cast<float>(layout.boxes_per_class))) {
      return not_of_this_layout("with more boxes than a class may have");
    }
    for (int i = 0; i < static_cast<int>(*count); ++i) {
      const auto bytes = reader.take(kBoxBytes);
      if (!bytes) return cut_off();
      found.push_back(parse_box(*bytes));
      found.back().category = category;
    }
  }
  return found;
}

// by score and with masks: the same but for what follows the class.
Result<std::vector<Detection>> read_list(const NmsLayout& layout, Reader reader) {
  const bool masked = layout.order == NmsOrder::kByteMask;
  const auto count = reader.number<std::uint16_t>();
  if (!count) return cut_off();
  if (*count > layout.boxes) return not_of_this_layout("with more boxes than there may be");
  std::vector<Detection> found;
  for (int i = 0; i < *count; ++i) {
    const auto bytes = reader.take(masked ? layout.entry_bytes : kDetectionBytes);
    if (!bytes) return cut_off();
    Detection detection = parse_box(*bytes);
    std::uint16_t category = 0;
    std::memcpy(&category, bytes->data() + kBoxBytes, sizeof(category));
    detection.category = category;
    if (masked) {
      std::uint64_t size = 0;
      std::memcpy(&size, bytes->data() + kDetectionBytes, sizeof(size));
      const auto mask = reader.take(size);
      if (!mask) return cut_off();
      detection.mask = *mask;
    }
    found.push_back(detection);
  }
  return found;
}

struct Size {
  std::size_t width = 0;
  std::size_t height = 0;
  std::size_t area() const { return width * height; }
};

std::size_t side(float length) {
  return length > 0 ? static_cast<std::size_t>(std::min(length, float{kMaxSide})) : 0;
}

// Of a mask as we give it.
Size mask_size(const NmsLayout& layout, const Detection& box) {
  return {side(std::ceil((box.x_max - box.x_min) * static_cast<float>(layout.width))),
          side(std::ceil((box.y_max - box.y_min) * static_cast<float>(layout.height)))};
}

// Of a mask in whole pixels of the network input, as newer versions send it: up to a pixel more.
Size pixel_size(const NmsLayout& layout, const Detection& box) {
  const auto extent = [](float from, float to, int limit) {
    const std::size_t end =
        std::min(side(std::ceil(to * static_cast<float>(limit))), static_cast<std::size_t>(limit));
    const std::size_t begin = side(std::floor(from * static_cast<float>(limit)));
    return end > begin ? end - begin : 0;
  };
  return {extent(box.x_min, box.x_max, layout.width), extent(box.y_min, box.y_max, layout.height)};
}

Status copy_mask(const NmsLayout& layout, const Detection& box, std::span<std::byte> to) {
  const Size size = mask_size(layout, box);
  const Size sent = box.mask.size() == size.area() ? size : pixel_size(layout, box);
  if (box.mask.size() != sent.area()) {
    return not_of_this_layout("with a mask that is not of its box's size");
  }
  const std::size_t width = std::min(size.width, sent.width);
  for (std::size_t y = 0; width > 0 && y < std::min(size.height, sent.height); ++y) {
    std::memcpy(to.data() + y * size.width, box.mask.data() + y * sent.width, width);
  }
  return {};
}

// Leaves out what has no room.
Status place_masks(const NmsLayout& layout, std::vector<Detection>& found,
                   std::span<std::byte> masks) {
  std::ranges::fill(masks, std::byte{0});
  std::size_t used = 0;
  std::vector<Detection> kept;
  for (const auto& detection : found) {
    const std::size_t bytes = mask_size(layout, detection).area();
    if (bytes > masks.size() - used) continue;
    if (auto copied = copy_mask(layout, detection, masks.subspan(used, bytes)); !copied) {
      return copied;
    }
    used += bytes;
    kept.push_back(detection);
  }
  found = std::move(kept);
  return {};
}

void write_rows(std::span<const Detection> found, std::span<std::byte> boxes) {
  using Row = std::array<float, kNmsColumns>;
  const std::size_t rows = boxes.size() / sizeof(Row);
  for (std::size_t i = 0; i < rows; ++i) {
    Row row{0, 0, 0, 0, 0, -1};
    if (i < found.size()) {
      const Detection& box = found[i];
      row = {box.x_min, box.y_min, box.x_max,
             box.y_max, box.score, static_cast<float>(box.category)};
    }
    std::memcpy(boxes.data() + i * sizeof(Row), row.data(), sizeof(Row));
  }
}

}  // namespace

std::size_t nms_rows(const NmsLayout& layout) {
  if (layout.order != NmsOrder::kByClass) return static_cast<std::size_t>(layout.boxes);
  return static_cast<std::size_t>(layout.classes) *
         static_cast<std::size_t>(layout.boxes_per_class);
}

Status check(const NmsLayout& layout) {
  const bool positive = layout.order == NmsOrder::kByClass
                            ? layout.classes > 0 && layout.boxes_per_class > 0
                            : layout.boxes > 0;
  if (!positive || nms_rows(layout) > std::size_t{kMaxNmsRows}) {
    return fail(ErrorCode::kMalformed, "the model's list of boxes has no possible size");
  }
  if (layout.order != NmsOrder::kByteMask) return {};
  const auto fits = [](int length) { return length > 0 && length <= kMaxSide; };
  if (!fits(layout.width) || !fits(layout.height) || layout.mask_bytes > kMaxNmsMaskBytes) {
    return fail(ErrorCode::kMalformed, "the model's masks have no possible size");
  }
  if (layout.entry_bytes < kMaskHeadBytes) {
    return fail(ErrorCode::kInternal, "a record with a mask has no room for its size");
  }
  return {};
}

Status decode_nms(const NmsLayout& layout, std::span<const std::byte> frame,
                  std::span<std::byte> boxes, std::span<std::byte> masks) {
  auto found = layout.order == NmsOrder::kByClass ? read_by_class(layout, Reader(frame))
                                                  : read_list(layout, Reader(frame));
  if (!found) return fail(found.error());
  std::erase_if(*found, [](const Detection& box) { return !box.is_number(); });
  std::ranges::stable_sort(*found, std::ranges::greater(), &Detection::score);
  if (layout.order == NmsOrder::kByteMask) {
    if (auto placed = place_masks(layout, *found, masks); !placed) return placed;
  }
  write_rows(*found, boxes);
  return {};
}

}  // namespace npu::device::hailort
