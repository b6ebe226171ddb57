#include <algorithm>
#include <cmath>

#include "vision/anchors.hpp"
#include "vision/segment_head.hpp"

namespace npu::vision {
namespace {

constexpr std::size_t kRowWidth = 6;

// (rows, columns) to (columns, rows).
std::vector<float> turned(Values values, std::size_t columns) {
  std::vector<float> out(values.size());
  const std::size_t rows = values.size() / columns;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < columns; ++i) out[i * rows + row] = values[row * columns + i];
  }
  return out;
}

// Of a box's mask, as the device's adapter cuts it.
int side_of_mask(float share, int pixels) {
  constexpr float kMost = 1 << 14;
  const float length = std::ceil(share * static_cast<float>(pixels));
  return length > 0 ? static_cast<int>(std::min(length, kMost)) : 0;
}

}  // namespace

Segments::Segments(const SegmentHead& head, const SegmentOutputs& outputs, media::Size input)
    : head_(head), outputs_(outputs), input_(input) {}

void Segments::decode(float threshold, Candidates& found) const {
  if (!head_.row_each) {
    return vision::decode(head_.detector, outputs_.floats, input_, threshold, found);
  }
  Head detector = head_.detector;
  detector.levels.front().boxes = 0;
  const Output& rows = outputs_.floats[static_cast<std::size_t>(1 - head_.prototypes)];
  const auto [n, width] = *table_of(rows);
  const std::vector<float> planes = turned(rows.data, static_cast<std::size_t>(width));
  const std::array<std::int64_t, 2> shape{width, n};
  const Output output{shape, planes};
  vision::decode(detector, std::span(&output, 1), input_, threshold, found);
}

MaskField Segments::field(const Detection& one) {
  if (head_.prototypes < 0) {
    if (byte_masks_.empty()) byte_masks_ = byte_masks();
    const ByteMask& mask = byte_masks_.at(one.source);
    const std::size_t size =
        static_cast<std::size_t>(mask.columns) * static_cast<std::size_t>(mask.rows);
    if (size == 0 || size > outputs_.bytes->size() - mask.at) return {};
    return field_of_bytes(outputs_.bytes->subspan(mask.at, size), mask.columns, mask.rows, one.box);
  }
  if (!prototypes_) {
    prototypes_.emplace(outputs_.floats[static_cast<std::size_t>(head_.prototypes)],
                        head_.channels_last);
  }
  return prototypes_->field(coefficients_of(one.source), one.box, input_);
}

Values Segments::coefficients_of(std::size_t source) {
  const auto output = [&](int index) -> const Output& {
    return outputs_.floats[static_cast<std::size_t>(index)];
  };
  const auto classes = static_cast<std::size_t>(head_.detector.classes);
  const auto& levels = head_.detector.levels;
  const Output& first = output(levels.front().boxes);
  switch (head_.kind) {
    case SegmentKind::kDfl: {
      const Anchor anchor = anchor_at(source, input_);
      return values_at(output(head_.coefficients[anchor.level]), anchor.cell, count());
    }
    case SegmentKind::kYolov5: {
      const std::size_t width = 5 + classes + count();
      if (!head_.detector.grids) return values_at(first, source, width).last(count());
      const Anchor anchor = anchor_at(source / 3, input_);
      const Output& of_level = output(levels[anchor.level].boxes);
      return values_at(of_level, anchor.cell * 3 + source % 3, width).last(count());
    }
    case SegmentKind::kDecoded: {
      const std::size_t width = 4 + classes + count();
      if (head_.row_each) return values_at(first, source, width).last(count());
      const std::size_t n = first.data.size() / width;
      gathered_.resize(count());
      for (std::size_t k = 0; k < count(); ++k) {
        gathered_[k] = first.data[(4 + classes + k) * n + source];
      }
      return gathered_;
    }
    case SegmentKind::kBoxes: break;
  }
  return values_at(first, source, kRowWidth + count()).last(count());
}

std::vector<Segments::ByteMask> Segments::byte_masks() const {
  const Values rows = outputs_.floats.front().data;
  std::vector<ByteMask> masks;
  masks.reserve(rows.size() / kRowWidth);
  std::size_t at = 0;
  for (std::size_t i = 0; i + kRowWidth <= rows.size(); i += kRowWidth) {
    const Values row = rows.subspan(i, kRowWidth);
    ByteMask mask{.at = std::min(at, outputs_.bytes->size())};
    if (row[5] >= 0) {
      mask.columns = side_of_mask(row[2] - row[0], input_.width);
      mask.rows = side_of_mask(row[3] - row[1], input_.height);
    }
    at += static_cast<std::size_t>(mask.columns) * static_cast<std::size_t>(mask.rows);
    masks.push_back(mask);
  }
  return masks;
}

}  // namespace npu::vision
