// How the outputs of a network for instance segmentation are laid out, and from there to objects
// with their masks.
//
// m prototypes of masks, each a quarter of the input a side, are one output; beside them:
//
//   dfl       at each stride (h, w, 64), (h, w, classes) and (h, w, m): YOLOv8 and YOLO11 as on the
//             chip, with prototypes (rows, columns, m)
//   yolov5    at each stride (h, w, 3 x (5 + classes + m)), with prototypes (rows, columns, m); or
//             (3 N, 5 + classes + m)
//   decoded   (4 + classes + m, N) or (N, 4 + classes + m): YOLOv8 and YOLO11 as ONNX
//   boxes     (rows, 6 + m), with the suppression inside; or, without prototypes, (rows, 6) and the
//             masks of the rows, one byte a pixel of the box: HailoRT's suppression with masks
//
// Of one output for all strides the prototypes are (m, rows, columns) or (rows, columns, m). Else
// the names mean what they mean in head.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "vision/candidates.hpp"
#include "vision/head.hpp"
#include "vision/mask_field.hpp"
#include "vision/scores.hpp"

namespace npu::vision {

enum class SegmentKind { kBoxes, kDfl, kDecoded, kYolov5 };
inline constexpr std::array<std::string_view, 4> kSegmentNames{"boxes", "dfl", "decoded", "yolov5"};
// Nothing for a name that is none of them.
std::optional<SegmentKind> segment_kind_named(std::string_view name);

struct SegmentHead {
  SegmentKind kind = SegmentKind::kBoxes;
  Head detector;
  std::array<int, 3> coefficients{-1, -1, -1};  // of dfl: the outputs of kStrides
  int prototypes = -1;                          // the output; none: masks are bytes
  bool channels_last = false;                   // of the prototypes
  bool row_each = false;                        // of decoded: (N, ...)
};

// What a network gives; a view.
struct SegmentOutputs {
  std::span<const Output> floats;
  std::optional<std::span<const std::uint8_t>> bytes{};
};

// The head whose outputs these are; told: the only one that may be. Fails with kUnsupported as
// find_head() does.
Result<SegmentHead> find_segment_head(const SegmentOutputs& outputs, media::Size input,
                                      std::optional<SegmentKind> told = {});

// What one picture's outputs say. One thread at a time.
class Segments {
 public:
  // head: of outputs with these shapes. What the arguments refer to outlives it.
  Segments(const SegmentHead& head, const SegmentOutputs& outputs, media::Size input);

  // Adds what scores at least `threshold`, as decode() of head.hpp.
  void decode(float threshold, Candidates& found) const;

  // Where in the input the object is. one: from decode().
  MaskField field(const Detection& one);

 private:
  // Of a row, where there are no prototypes.
  struct ByteMask {
    std::size_t at = 0;  // in the bytes
    int columns = 0;
    int rows = 0;
  };

  std::size_t count() const { return prototypes_->count(); }
  Values coefficients_of(std::size_t source);
  std::vector<ByteMask> byte_masks() const;

  const SegmentHead& head_;
  SegmentOutputs outputs_;
  media::Size input_;
  std::optional<Prototypes> prototypes_;
  std::vector<ByteMask> byte_masks_;
  std::vector<float> gathered_;
};

}  // namespace npu::vision
