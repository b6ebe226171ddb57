#include "vision/faces/blazeface.hpp"

#include "vision/anchors.hpp"
#include "vision/scores.hpp"

namespace npu::vision::blazeface {
namespace {

struct Grid {
  std::size_t side;  // cells
  std::size_t anchors_of_cell;

  constexpr std::size_t anchors() const { return side * side * anchors_of_cell; }
};
constexpr std::array<Grid, 2> kGrids{{{16, 2}, {8, 6}}};
constexpr std::size_t kAllAnchors = kGrids[0].anchors() + kGrids[1].anchors();
constexpr std::size_t kRowValues = 16;  // box and key points
constexpr float kHalfMouth = 0.414F;    // in distances of the eyes

// The middle of its cell.
FacePoint anchor_of(std::size_t source, media::Size input) {
  const bool first = source < kGrids[0].anchors();
  const Grid& grid = first ? kGrids[0] : kGrids[1];
  const std::size_t cell = (first ? source : source - kGrids[0].anchors()) / grid.anchors_of_cell;
  const auto middle = [&](std::size_t index, int side) {
    return (static_cast<float>(index) + 0.5F) * static_cast<float>(side) /
           static_cast<float>(grid.side);
  };
  return {middle(cell % grid.side, input.width), middle(cell / grid.side, input.height)};
}

bool is_table(const Output& output, std::size_t rows, std::size_t columns) {
  const auto table = table_of(output);
  return table && table->first == static_cast<std::int64_t>(rows) &&
         table->second == static_cast<std::int64_t>(columns);
}

std::optional<FaceLevel> level_of(std::span<const Output> outputs, std::size_t anchors) {
  FaceLevel level;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (is_table(outputs[i], anchors, 1)) level.scores = static_cast<int>(i);
    if (is_table(outputs[i], anchors, kRowValues)) level.boxes = static_cast<int>(i);
  }
  if (level.scores < 0 || level.boxes < 0) return {};
  return level;
}

// The values of an anchor, whether the outputs are of one grid each or of both.
Values row_of(const FaceHead& head, std::span<const Output> outputs, std::size_t source) {
  const bool apart = head.levels[1].boxes >= 0;
  const bool second = apart && source >= kGrids[0].anchors();
  const Output& rows = outputs[static_cast<std::size_t>(head.levels.at(second ? 1 : 0).boxes)];
  return values_at(rows, second ? source - kGrids[0].anchors() : source, kRowValues);
}

}  // namespace

std::optional<FaceHead> find(std::span<const Output> outputs, media::Size input) {
  if (input.width != input.height) return {};
  FaceHead head{.kind = FaceHeadKind::kBlazeface};
  if (outputs.size() == 2) {
    const auto all = level_of(outputs, kAllAnchors);
    if (!all) return {};
    head.levels[0] = *all;
    return head;
  }
  if (outputs.size() != 2 * kGrids.size()) return {};
  for (std::size_t i = 0; i < kGrids.size(); ++i) {
    const auto level = level_of(outputs, kGrids[i].anchors());
    if (!level) return {};
    head.levels[i] = *level;
  }
  return head;
}

void decode(const FaceHead& head, std::span<const Output> outputs, media::Size input,
            float threshold, Candidates& found) {
  const Scores scores = Scores::of(true, threshold);
  std::size_t first = 0;
  for (const FaceLevel& level : head.levels) {
    if (level.scores < 0) break;
    const Values raw = outputs[static_cast<std::size_t>(level.scores)].data;
    for (std::size_t i = next_reaching(raw, 0, scores.least); i < raw.size();
         i = next_reaching(raw, i + 1, scores.least)) {
      const std::size_t source = first + i;
      const FacePoint at = anchor_of(source, input);
      const Values row = row_of(head, outputs, source);
      found.add({box_around(at.x + row[0], at.y + row[1], row[2], row[3]), scores(raw[i]), 0,
                 static_cast<std::uint32_t>(source)});
    }
    first += raw.size();
  }
}

FacePoints points_of(const FaceHead& head, std::span<const Output> outputs, media::Size input,
                     std::uint32_t source) {
  const FacePoint at = anchor_of(source, input);
  const Values row = row_of(head, outputs, source);
  const auto key_point = [&](std::size_t k) {
    return FacePoint{at.x + row[4 + 2 * k], at.y + row[5 + 2 * k]};
  };
  const FacePoint left = key_point(0);
  const FacePoint right = key_point(1);
  const FacePoint mouth = key_point(3);
  const float across = kHalfMouth * (right.x - left.x);
  const float down = kHalfMouth * (right.y - left.y);
  return {left,
          right,
          key_point(2),
          {mouth.x - across, mouth.y - down},
          {mouth.x + across, mouth.y + down}};
}

}  // namespace npu::vision::blazeface
