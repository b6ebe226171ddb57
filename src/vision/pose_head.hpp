// How the outputs of a network that finds people with the 17 key points of COCO are laid out, and
// from there to people.
//
//   dfl       at each stride (h, w, 64), (h, w, 1) and (h, w, 51), as on the chip: boxes and scores
//             as of a detector (head.hpp); of each key point x and y in halves of a cell from its
//             upper left corner, and the logit of its visibility. YOLOv8-pose and YOLO11-pose
//   decoded   (56, N) or (N, 56): the same as ONNX files have it; the box's centre and size, its
//             score, and of each key point x, y and visibility. Pixels of the input, 0..1
//   boxes     (rows, 57): left, top, right, bottom, score, label, and the key points as in decoded;
//             exports with the suppression inside. Rows with a negative label are empty
//
// N: anchors_of(input). Outputs are told apart by their shapes, never by their names. The formulas
// are those of Ultralytics' Pose head: x = (2 raw + column) stride, visibility = sigmoid(raw).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <npu/result.hpp>

#include "vision/candidates.hpp"
#include "vision/head.hpp"

namespace npu::vision {

inline constexpr std::size_t kKeyPoints = 17;

// In pixels of the input, not clipped to it. score: 0..1, that it is seen.
struct KeyPoint {
  float x = 0;
  float y = 0;
  float score = 0;
};
using KeyPoints = std::array<KeyPoint, kKeyPoints>;  // nose, eyes, ears, ..., ankles; left first

enum class PoseHeadKind { kDfl, kDecoded, kBoxes };
inline constexpr std::array<std::string_view, 3> kPoseHeadNames{"dfl", "decoded", "boxes"};
// The kind of this name; nothing where no head of people is called so.
std::optional<PoseHeadKind> pose_head_named(std::string_view name);

struct PoseHead {
  PoseHeadKind kind = PoseHeadKind::kDfl;
  bool rows = false;            // what belongs to one person lies together: (N, 56), (rows, 57)
  Head people;                  // kDfl, and kDecoded without rows: the boxes
  std::array<int, 3> points{};  // kDfl: outputs, of kStrides
};

// The head whose outputs these are; told: the only one that may be. Fails with kUnsupported: the
// message says what there is and what would do.
Result<PoseHead> find_pose_head(std::span<const Output> outputs, media::Size input,
                                std::optional<PoseHeadKind> told = {});

// Adds the people who score at least `threshold`, with the label 0. head: of outputs with these
// shapes.
void decode_people(const PoseHead& head, std::span<const Output> outputs, media::Size input,
                   float threshold, Candidates& found);

// Of one of them, by Detection::source. A point that is not finite is (0, 0) with the score 0.
KeyPoints key_points_of(const PoseHead& head, std::span<const Output> outputs, media::Size input,
                        std::uint32_t source);

}  // namespace npu::vision
