#include "vision/segment_head.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "vision/anchors.hpp"

namespace npu::vision {
namespace {

using FoundSegments = std::optional<SegmentHead>;

constexpr int kPrototypeStride = 4;
constexpr std::int64_t kRow = 6;
constexpr std::int64_t kAnchorsOfCell = 3;

struct PrototypePart {
  int output;
  std::int64_t count;
  bool channels_last;
};

class SegmentFinder {
 public:
  SegmentFinder(const SegmentOutputs& outputs, media::Size input)
      : all_(outputs), input_(input), whole_(has_grids(input)), cells_(anchors_of(input)) {}

  std::vector<SegmentHead> heads() const {
    std::vector<SegmentHead> found;
    // Of a layout of prototypes that could be two the first counts.
    const auto add = [&](const FoundSegments& head) {
      if (head && std::ranges::find(found, head->kind, &SegmentHead::kind) == found.end()) {
        found.push_back(*head);
      }
    };
    if (all_.bytes) {
      add(bytes());
      return found;
    }
    for (const PrototypePart& part : prototypes()) {
      if (part.channels_last) {
        add(dfl(part));
        add(yolov5_grids(part));
      }
      if (all_.floats.size() != 2) continue;
      const auto table = table_of(at(1 - part.output));
      if (!table) continue;
      add(boxes(part, table->second));
      add(yolov5(part, *table));
      add(decoded(part, *table, false));
      add(decoded(part, {table->second, table->first}, true));
    }
    return found;
  }

 private:
  const Output& at(int output) const { return all_.floats[static_cast<std::size_t>(output)]; }

  std::vector<PrototypePart> prototypes() const {
    std::vector<PrototypePart> found;
    const std::int64_t rows = input_.height / kPrototypeStride;
    const std::int64_t columns = input_.width / kPrototypeStride;
    for (std::size_t i = 0; i < all_.floats.size(); ++i) {
      const auto shape = without_batch(all_.floats[i].shape, 3);
      if (shape.size() != 3) continue;
      const auto output = static_cast<int>(i);
      if (shape[1] == rows && shape[2] == columns) found.push_back({output, shape[0], false});
      if (shape[0] == rows && shape[1] == columns) found.push_back({output, shape[2], true});
    }
    return found;
  }

  static FoundSegments head_of(SegmentKind kind, HeadKind detector, const PrototypePart& part,
                               std::int64_t classes) {
    if (classes < 1 || classes > kMaxClasses || part.count < 1) return {};
    SegmentHead head{.kind = kind};
    head.detector.kind = detector;
    head.detector.classes = static_cast<int>(classes);
    head.prototypes = part.output;
    head.channels_last = part.channels_last;
    return head;
  }

  // One output for all strides.
  static FoundSegments table_head(SegmentKind kind, HeadKind detector, const PrototypePart& part,
                                  std::int64_t classes) {
    auto head = head_of(kind, detector, part, classes);
    if (!head) return {};
    const int output = 1 - part.output;
    head->detector.levels.front() = {output, output, output};
    return head;
  }

  static FoundSegments boxes(const PrototypePart& part, std::int64_t width) {
    if (width != kRow + part.count) return {};
    auto head = table_head(SegmentKind::kBoxes, HeadKind::kBoxes, part, 1);
    if (!head) return {};
    head->detector.classes = 0;
    head->detector.extra = static_cast<int>(part.count);
    return head;
  }

  FoundSegments yolov5(const PrototypePart& part,
                       std::pair<std::int64_t, std::int64_t> table) const {
    if (!whole_ || table.first != kAnchorsOfCell * cells_) return {};
    auto head =
        table_head(SegmentKind::kYolov5, HeadKind::kYolov5, part, table.second - 5 - part.count);
    if (head) head->detector.extra = static_cast<int>(part.count);
    return head;
  }

  FoundSegments decoded(const PrototypePart& part, std::pair<std::int64_t, std::int64_t> table,
                        bool row_each) const {
    if (!whole_ || table.second != cells_) return {};
    auto head =
        table_head(SegmentKind::kDecoded, HeadKind::kDecoded, part, table.first - 4 - part.count);
    if (head) head->row_each = row_each;
    return head;
  }

  // The outputs of a stride, without the prototypes.
  std::vector<GridPart> parts_of(std::size_t level, const PrototypePart& part) const {
    auto parts = grid_parts(all_.floats, input_, kStrides[level]);
    std::erase_if(parts, [&](const GridPart& one) { return one.output == part.output; });
    return parts;
  }

  // Where two have as many channels, the edges come before the scores and these before the
  // coefficients.
  FoundSegments dfl(const PrototypePart& part) const {
    if (!whole_ || all_.floats.size() != 3 * kStrides.size() + 1) return {};
    SegmentHead head;
    std::int64_t classes = 0;
    for (std::size_t level = 0; level < kStrides.size(); ++level) {
      auto parts = parts_of(level, part);
      if (parts.size() != 3) return {};
      const auto edges = std::ranges::find(parts, kBoxBins, &GridPart::channels);
      if (edges == parts.end()) return {};
      head.detector.levels[level].boxes = edges->output;
      parts.erase(edges);
      if (parts[1].channels != part.count) std::swap(parts[0], parts[1]);
      if (parts[1].channels != part.count) return {};
      head.detector.levels[level].scores = parts[0].output;
      head.coefficients[level] = parts[1].output;
      if (level > 0 && parts[0].channels != classes) return {};
      classes = parts[0].channels;
    }
    auto known = head_of(SegmentKind::kDfl, HeadKind::kDfl, part, classes);
    if (!known) return {};
    known->detector.grids = true;
    known->detector.levels = head.detector.levels;
    known->coefficients = head.coefficients;
    return known;
  }

  FoundSegments yolov5_grids(const PrototypePart& part) const {
    if (!whole_ || all_.floats.size() != kStrides.size() + 1) return {};
    std::array<Level, 3> levels;
    std::int64_t channels = 0;
    for (std::size_t level = 0; level < kStrides.size(); ++level) {
      const auto parts = parts_of(level, part);
      if (parts.size() != 1 || (level > 0 && parts[0].channels != channels)) return {};
      channels = parts[0].channels;
      levels[level] = {parts[0].output, parts[0].output, parts[0].output};
    }
    if (channels % kAnchorsOfCell != 0) return {};
    auto head = head_of(SegmentKind::kYolov5, HeadKind::kYolov5, part,
                        channels / kAnchorsOfCell - 5 - part.count);
    if (!head) return {};
    head->detector.grids = true;
    head->detector.levels = levels;
    head->detector.extra = static_cast<int>(part.count);
    return head;
  }

  FoundSegments bytes() const {
    if (all_.floats.size() != 1) return {};
    const auto table = table_of(at(0));
    if (!table || table->second != kRow) return {};
    SegmentHead head{.kind = SegmentKind::kBoxes};
    head.detector.levels.front().boxes = 0;
    return head;
  }

  const SegmentOutputs& all_;
  media::Size input_;
  bool whole_;
  std::int64_t cells_;
};

std::string_view kind_name(SegmentKind kind) {
  return kSegmentNames[static_cast<std::size_t>(kind)];
}

tl::unexpected<Error> no_segment_head(const SegmentOutputs& outputs, media::Size input,
                                      std::optional<SegmentKind> told) {
  const std::int64_t cells = anchors_of(input);
  const std::string grid =
      fmt::format("({}, {}, ", input.height / kStrides[0], input.width / kStrides[0]);
  const int rows = input.height / kPrototypeStride;
  const int columns = input.width / kPrototypeStride;
  return fail(
      ErrorCode::kUnsupported,
      fmt::format(
          "the outputs {}{} of a network with input {}x{} are no segmenter's head{}; what would "
          "do, with m prototypes ({}, {}, m): dfl {}64), {}classes) and {}m), and so at strides 16 "
          "and 32; yolov5 {}3 x (5 + classes + m)), and so at strides 16 and 32; or, also with "
          "prototypes (m, {}, {}): decoded (4 + classes + m, {}) or ({}, 4 + classes + m); yolov5 "
          "({}, 5 + classes + m); boxes (rows, 6 + m); or, without them, boxes (rows, 6) with "
          "masks of "
          "bytes",
          shapes_of(outputs.floats), outputs.bytes ? " and bytes" : "", input.width, input.height,
          told ? fmt::format(" of the kind {}", kind_name(*told)) : "", rows, columns, grid, grid,
          grid, grid, rows, columns, cells, cells, kAnchorsOfCell * cells));
}

}  // namespace

std::optional<SegmentKind> segment_kind_named(std::string_view name) {
  const auto* const found = std::ranges::find(kSegmentNames, name);
  if (found == kSegmentNames.end()) return std::nullopt;
  return static_cast<SegmentKind>(found - kSegmentNames.begin());
}

Result<SegmentHead> find_segment_head(const SegmentOutputs& outputs, media::Size input,
                                      std::optional<SegmentKind> told) {
  auto heads = SegmentFinder(outputs, input).heads();
  if (told) std::erase_if(heads, [&](const SegmentHead& head) { return head.kind != *told; });
  if (heads.empty()) return no_segment_head(outputs, input, told);
  if (heads.size() == 1) return heads.front();
  return fail(
      ErrorCode::kUnsupported,
      fmt::format("the outputs {} may be a head of the kind {} or {}: say which",
                  shapes_of(outputs.floats), kind_name(heads[0].kind), kind_name(heads[1].kind)));
}

}  // namespace npu::vision
