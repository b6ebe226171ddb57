#include "vision/head.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "vision/anchors.hpp"

namespace npu::vision {
namespace {

using Found = std::optional<Head>;

constexpr std::int64_t kAnchors = 3;  // of a cell of YOLOv5
constexpr std::int64_t kBoxRow = 6;

class Finder {
 public:
  Finder(std::span<const Output> outputs, media::Size input)
      : outputs_(outputs), input_(input), whole_(has_grids(input)), cells_(anchors_of(input)) {}

  std::vector<Head> heads() const {
    std::vector<Head> found;
    for (const Found& head :
         {boxes(), dfl(), decoded(), yolov5(), yolov5_grids(), yolox(), yolox_grids(), ssd()}) {
      if (head) found.push_back(*head);
    }
    return found;
  }

 private:
  // (rows, columns) of the only output.
  std::optional<std::pair<std::int64_t, std::int64_t>> table() const {
    if (outputs_.size() != 1) return {};
    return table_of(outputs_.front());
  }

  static Found head_of(HeadKind kind, bool grids, std::int64_t classes,
                       std::array<Level, 3> levels) {
    if (classes < 1 || classes > kMaxClasses) return {};
    return Head{kind, grids, static_cast<int>(classes), levels};
  }
  static Found head_of(HeadKind kind, std::int64_t classes, int output = 0) {
    std::array<Level, 3> levels;
    levels.front() = {output, output, output};
    return head_of(kind, false, classes, levels);
  }

  Found boxes() const {
    const auto rows = table();
    if (!rows || rows->second != kBoxRow) return {};
    Head head;
    head.levels.front().boxes = 0;
    return head;
  }

  Found decoded() const {
    if (outputs_.size() == 1) return decoded(0, 0);
    if (outputs_.size() != 2) return {};
    for (int i = 0; i < 2; ++i) {
      const auto masks = without_batch(outputs_[static_cast<std::size_t>(1 - i)].shape, 3);
      if (masks.size() != 3) continue;
      if (const Found head = decoded(i, masks[0])) return head;
    }
    return {};
  }
  Found decoded(int output, std::int64_t coefficients) const {
    const auto planes = table_of(outputs_[static_cast<std::size_t>(output)]);
    if (!whole_ || !planes || planes->second != cells_) return {};
    return head_of(HeadKind::kDecoded, planes->first - 4 - coefficients, output);
  }

  Found yolov5() const {
    const auto rows = table();
    if (!whole_ || !rows || rows->first != kAnchors * cells_) return {};
    return head_of(HeadKind::kYolov5, rows->second - 5);
  }

  Found yolox() const {
    const auto rows = table();
    if (!whole_ || !rows || rows->first != cells_) return {};
    return head_of(HeadKind::kYolox, rows->second - 5);
  }

  int named(std::string_view beginning) const {
    const auto found = std::ranges::find_if(
        outputs_, [&](const Output& output) { return output.name.starts_with(beginning); });
    return found == outputs_.end() ? -1 : static_cast<int>(found - outputs_.begin());
  }

  // TensorFlow's own files have other outputs besides.
  Found ssd() const {
    Level level{.boxes = named("detection_boxes"),
                .scores = named("detection_scores"),
                .labels = named("detection_classes"),
                .count = named("num_detections")};
    if (std::min({level.boxes, level.scores, level.labels, level.count}) < 0) {
      if (outputs_.size() != 4) return {};
      level = {.boxes = 0, .scores = 2, .labels = 1, .count = 3};
    }
    const auto shape = [this](int output, std::size_t rank) {
      return without_batch(outputs_[static_cast<std::size_t>(output)].shape, rank);
    };
    const auto boxes = shape(level.boxes, 2);
    const auto labels = shape(level.labels, 1);
    const auto scores = shape(level.scores, 1);
    const auto count = shape(level.count, 0);
    if (boxes.size() != 2 || boxes[1] != 4 || labels.size() != 1 || labels[0] != boxes[0] ||
        scores.size() != 1 || scores[0] != boxes[0] || !count.empty()) {
      return {};
    }
    Head head{.kind = HeadKind::kSsd};
    head.levels.front() = level;
    return head;
  }

  // read(parts, level): the classes, 0 where these are not the parts of one level.
  template <class Read>
  Found grids(HeadKind kind, std::size_t outputs_of_level, Read read) const {
    if (!whole_ || outputs_.size() != outputs_of_level * kStrides.size()) return {};
    std::array<Level, 3> levels;
    std::int64_t classes = 0;
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      const auto of_level = grid_parts(outputs_, input_, kStrides[i]);
      if (of_level.size() != outputs_of_level) return {};
      const std::int64_t here = read(of_level, levels[i]);
      if (here < 1 || (i > 0 && here != classes)) return {};
      classes = here;
    }
    return head_of(kind, true, classes, levels);
  }

  Found dfl() const {
    return grids(HeadKind::kDfl, 2, [](const std::vector<GridPart>& parts, Level& level) {
      const bool first = parts[0].channels == kBoxBins;
      if (first == (parts[1].channels == kBoxBins)) return std::int64_t{0};
      const GridPart& scores = parts[first ? 1 : 0];
      level = {parts[first ? 0 : 1].output, -1, scores.output};
      return scores.channels;
    });
  }

  Found yolov5_grids() const {
    return grids(HeadKind::kYolov5, 1, [](const std::vector<GridPart>& parts, Level& level) {
      level = {parts[0].output, parts[0].output, parts[0].output};
      return parts[0].channels % kAnchors == 0 ? parts[0].channels / kAnchors - 5 : 0;
    });
  }

  Found yolox_grids() const {
    return grids(HeadKind::kYolox, 3, [](const std::vector<GridPart>& parts, Level& level) {
      std::int64_t classes = 0;
      for (const GridPart& part : parts) {
        if (part.channels == 4 && level.boxes < 0) {
          level.boxes = part.output;
        } else if (part.channels == 1 && level.objectness < 0) {
          level.objectness = part.output;  // with one class either: their product counts
        } else if (part.channels != 4) {
          level.scores = part.output;
          classes = part.channels;
        }
      }
      return level.boxes >= 0 && level.objectness >= 0 && level.scores >= 0 ? classes : 0;
    });
  }

  std::span<const Output> outputs_;
  media::Size input_;
  bool whole_;
  std::int64_t cells_;  // of all strides
};

std::string_view name_of(HeadKind kind) { return kHeadNames[static_cast<std::size_t>(kind)]; }

tl::unexpected<Error> no_head(std::span<const Output> outputs, media::Size input,
                              std::optional<HeadKind> told) {
  const std::int64_t cells = anchors_of(input);
  const int columns = input.width / kStrides[0];
  const int rows = input.height / kStrides[0];
  return fail(
      ErrorCode::kUnsupported,
      fmt::format(
          "the outputs {} of a network with input {}x{} are no detector's head{}; what would "
          "do: boxes (rows, 6); dfl ({}, {}, 64) and ({}, {}, classes), and so at strides 16 "
          "and 32; decoded (4 + classes, {}); yolov5 ({}, {}, 3 x (5 + classes)), and so at "
          "strides 16 and 32, or ({}, 5 + classes); yolox ({}, 5 + classes), or ({}, {}, 4), "
          "({}, {}, 1) and ({}, {}, classes), and so at strides 16 and 32; ssd (rows, 4), (rows), "
          "(rows) and ()",
          shapes_of(outputs), input.width, input.height,
          told ? fmt::format(" of the kind {}", name_of(*told)) : "", rows, columns, rows, columns,
          cells, rows, columns, kAnchors * cells, cells, rows, columns, rows, columns, rows,
          columns));
}

}  // namespace

std::optional<HeadKind> head_named(std::string_view name) {
  for (std::size_t i = 0; i < kHeadNames.size(); ++i) {
    if (kHeadNames.at(i) == name) return static_cast<HeadKind>(i);
  }
  return std::nullopt;
}

Result<Head> find_head(std::span<const Output> outputs, media::Size input,
                       std::optional<HeadKind> told) {
  auto heads = Finder(outputs, input).heads();
  if (told) std::erase_if(heads, [&](const Head& head) { return head.kind != *told; });
  if (heads.empty()) return no_head(outputs, input, told);
  if (heads.size() == 1) return heads.front();
  return fail(ErrorCode::kUnsupported,
              fmt::format("the outputs {} may be a head of the kind {} or {}: say which",
                          shapes_of(outputs), name_of(heads[0].kind), name_of(heads[1].kind)));
}

}  // namespace npu::vision
