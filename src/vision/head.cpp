#include "vision/head.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace npu::vision {
namespace {

using Dimensions = std::span<const std::int64_t>;
using Found = std::optional<Head>;

constexpr std::int64_t kBins = 64;    // of the four edges of a box
constexpr std::int64_t kAnchors = 3;  // of a cell of YOLOv5
constexpr std::int64_t kBoxRow = 6;

Dimensions without_batch(Dimensions shape, std::size_t rank) {
  while (shape.size() > rank && shape.front() == 1) shape = shape.subspan(1);
  return shape;
}

class Finder {
 public:
  Finder(std::span<const Output> outputs, media::Size input) : outputs_(outputs), input_(input) {
    for (const int stride : kStrides) {
      whole_ = whole_ && input.width % stride == 0 && input.height % stride == 0;
      cells_ += std::int64_t{input.width / stride} * (input.height / stride);
    }
  }

  std::vector<Head> heads() const {
    std::vector<Head> found;
    for (const Found& head :
         {boxes(), dfl(), decoded(), yolov5(), yolov5_grids(), yolox(), yolox_grids()}) {
      if (head) found.push_back(*head);
    }
    return found;
  }

 private:
  // (rows, columns) of the only output.
  std::optional<std::pair<std::int64_t, std::int64_t>> table() const {
    if (outputs_.size() != 1) return {};
    return table(outputs_.front());
  }
  static std::optional<std::pair<std::int64_t, std::int64_t>> table(const Output& output) {
    const Dimensions shape = without_batch(output.shape, 2);
    if (shape.size() != 2) return {};
    return std::pair(shape[0], shape[1]);
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
    return Head{};
  }

  Found decoded() const {
    if (outputs_.size() == 1) return decoded(0, 0);
    if (outputs_.size() != 2) return {};
    for (int i = 0; i < 2; ++i) {
      const Dimensions masks = without_batch(outputs_[static_cast<std::size_t>(1 - i)].shape, 3);
      if (masks.size() != 3) continue;
      if (const Found head = decoded(i, masks[0])) return head;
    }
    return {};
  }
  Found decoded(int output, std::int64_t coefficients) const {
    const auto planes = table(outputs_[static_cast<std::size_t>(output)]);
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

  struct Part {
    int output;
    std::int64_t channels;
  };
  // The outputs of the grid of a stride.
  std::vector<Part> parts(int stride) const {
    std::vector<Part> found;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const Dimensions shape = without_batch(outputs_[i].shape, 3);
      if (shape.size() != 3 || shape[0] != input_.height / stride ||
          shape[1] != input_.width / stride) {
        continue;
      }
      found.push_back({static_cast<int>(i), shape[2]});
    }
    return found;
  }

  // read(parts, level): the classes, 0 where these are not the parts of one level.
  template <class Read>
  Found grids(HeadKind kind, std::size_t outputs_of_level, Read read) const {
    if (!whole_ || outputs_.size() != outputs_of_level * kStrides.size()) return {};
    std::array<Level, 3> levels;
    std::int64_t classes = 0;
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      const auto of_level = parts(kStrides[i]);
      if (of_level.size() != outputs_of_level) return {};
      const std::int64_t here = read(of_level, levels[i]);
      if (here < 1 || (i > 0 && here != classes)) return {};
      classes = here;
    }
    return head_of(kind, true, classes, levels);
  }

  Found dfl() const {
    return grids(HeadKind::kDfl, 2, [](const std::vector<Part>& parts, Level& level) {
      const bool first = parts[0].channels == kBins;
      if (first == (parts[1].channels == kBins)) return std::int64_t{0};
      const Part& scores = parts[first ? 1 : 0];
      level = {parts[first ? 0 : 1].output, -1, scores.output};
      return scores.channels;
    });
  }

  Found yolov5_grids() const {
    return grids(HeadKind::kYolov5, 1, [](const std::vector<Part>& parts, Level& level) {
      level = {parts[0].output, parts[0].output, parts[0].output};
      return parts[0].channels % kAnchors == 0 ? parts[0].channels / kAnchors - 5 : 0;
    });
  }

  Found yolox_grids() const {
    return grids(HeadKind::kYolox, 3, [](const std::vector<Part>& parts, Level& level) {
      std::int64_t classes = 0;
      for (const Part& part : parts) {
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
  bool whole_ = true;       // the strides divide the input
  std::int64_t cells_ = 0;  // of all strides
};

std::string_view name_of(HeadKind kind) { return kHeadNames[static_cast<std::size_t>(kind)]; }

std::string shapes_of(std::span<const Output> outputs) {
  std::vector<std::string> shapes;
  for (const Output& output : outputs) {
    shapes.push_back(fmt::format("({})", fmt::join(output.shape, ", ")));
  }
  return fmt::format("{}", fmt::join(shapes, ", "));
}

tl::unexpected<Error> no_head(std::span<const Output> outputs, media::Size input,
                              std::optional<HeadKind> told) {
  std::int64_t cells = 0;
  for (const int s : kStrides) cells += std::int64_t{input.width / s} * (input.height / s);
  const int columns = input.width / kStrides[0];
  const int rows = input.height / kStrides[0];
  return fail(
      ErrorCode::kUnsupported,
      fmt::format(
          "the outputs {} of a network with input {}x{} are no detector's head{}; what would "
          "do: boxes (rows, 6); dfl ({}, {}, 64) and ({}, {}, classes), and so at strides 16 "
          "and 32; decoded (4 + classes, {}); yolov5 ({}, {}, 3 x (5 + classes)), and so at "
          "strides 16 and 32, or ({}, 5 + classes); yolox ({}, 5 + classes), or ({}, {}, 4), "
          "({}, {}, 1) and ({}, {}, classes), and so at strides 16 and 32",
          shapes_of(outputs), input.width, input.height,
          told ? fmt::format(" of the kind {}", name_of(*told)) : "", rows, columns, rows, columns,
          cells, rows, columns, kAnchors * cells, cells, rows, columns, rows, columns, rows,
          columns));
}

}  // namespace

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
