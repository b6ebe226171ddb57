// How the outputs of a detector are laid out, and from there to detections.
//
//   boxes     (rows, 6): left, top, right, bottom, score, label; in shares of the input or in its
//             pixels. Rows with a negative label are empty. HailoRT's suppression by class and by
//             score comes so from the device, and so do networks that need no suppression.
//   dfl       at each stride (h, w, 64) and (h, w, classes): YOLOv8 and YOLO11 as on the chip; 16
//             bins for the distance of each edge
//   decoded   (4 + classes, N): the same as ONNX files have it; centre and size in pixels. With
//             (m, h, w) beside it m mask coefficients follow the classes: not looked at
//   yolov5    at each stride (h, w, 3 x (5 + classes)), with the anchors of COCO; or
//             (3 N, 5 + classes), centre and size in pixels
//   ssd       (rows, 4), (rows), (rows) and a single number: edges as top, left, bottom, right in
//             shares of the input; classes counted from 1; scores; how many rows count. As
//             TensorFlow's detectors have it
//   yolox     (N, 5 + classes), or at each stride (h, w, 4), (h, w, 1) and (h, w, classes); centre
//             and logarithm of the size in cells
//
// N: the cells of the strides 8, 16 and 32. Outputs are told apart by their shapes and not by their
// names, but for those of ssd: they are called detection_boxes, detection_classes,
// detection_scores and num_detections, among others maybe, or are four in this order.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include <npu/result.hpp>

#include "media/image.hpp"
#include "vision/candidates.hpp"
#include "vision/outputs.hpp"

namespace npu::vision {

enum class HeadKind { kBoxes, kDfl, kDecoded, kYolov5, kYolox, kSsd };
inline constexpr std::array<std::string_view, 6> kHeadNames{"boxes",  "dfl",   "decoded",
                                                            "yolov5", "yolox", "ssd"};
// The kind of this name; nothing where no detector's head is called so.
std::optional<HeadKind> head_named(std::string_view name);

inline constexpr int kMaxClasses = 10'000;

// Where the parts of a head lie among the outputs. For all of one stride boxes, objectness and
// scores may be the same output.
struct Level {
  int boxes = -1;
  int objectness = -1;
  int scores = -1;
  int labels = -1;  // of ssd
  int count = -1;   // the same
};

struct Head {
  HeadKind kind = HeadKind::kBoxes;
  bool grids = false;           // an output, or several, for each stride; else one for all
  int classes = 0;              // 0: the outputs do not tell
  std::array<Level, 3> levels;  // of kStrides; of one output: the first
  int extra = 0;                // of boxes and yolov5: values behind the others of each row
};

// The head whose outputs these are, for which no data is needed; told: the only one that may be.
// input: of the network. Fails with kUnsupported: the message says what there is and what would do,
// or which output could be two things.
Result<Head> find_head(std::span<const Output> outputs, media::Size input,
                       std::optional<HeadKind> told = {});

// Adds what scores at least `threshold`: of each cell its best class. Detection::source is its
// anchor, or its row: of YOLOv5 three for each anchor. head: of outputs with these shapes. Scores
// on grids are logits where any of them is beyond -0.1..1.1, else probabilities.
void decode(const Head& head, std::span<const Output> outputs, media::Size input, float threshold,
            Candidates& found);

}  // namespace npu::vision
