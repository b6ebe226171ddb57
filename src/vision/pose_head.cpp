#include "vision/pose_head.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "vision/anchors.hpp"

namespace npu::vision {
namespace {

constexpr std::size_t kPointValues = 3 * kKeyPoints;
constexpr std::size_t kAnchorValues = 5 + kPointValues;  // of decoded
constexpr std::size_t kRowValues = 6 + kPointValues;     // of boxes

std::optional<PoseHead> find_grids(std::span<const Output> outputs, media::Size input) {
  if (!has_grids(input) || outputs.size() != 3 * kStrides.size()) return {};
  PoseHead head;
  head.people = {.kind = HeadKind::kDfl, .grids = true, .classes = 1, .levels = {}};
  for (std::size_t i = 0; i < kStrides.size(); ++i) {
    Level& level = head.people.levels[i];
    head.points[i] = -1;
    for (const GridPart& part : grid_parts(outputs, input, kStrides[i])) {
      if (part.channels == kBoxBins) level.boxes = part.output;
      if (part.channels == 1) level.scores = part.output;
      if (part.channels == std::int64_t{kPointValues}) head.points[i] = part.output;
    }
    if (level.boxes < 0 || level.scores < 0 || head.points[i] < 0) return {};
  }
  return head;
}

std::optional<PoseHead> find_table(std::span<const Output> outputs, media::Size input) {
  if (outputs.size() != 1) return {};
  const auto table = table_of(outputs.front());
  if (!table) return {};
  const auto [rows, columns] = *table;
  if (columns == std::int64_t{kRowValues}) {
    return PoseHead{.kind = PoseHeadKind::kBoxes, .rows = true, .people = {}};
  }
  if (!has_grids(input)) return {};
  const std::int64_t anchors = anchors_of(input);
  PoseHead head{.kind = PoseHeadKind::kDecoded, .people = {}};
  head.rows = rows == anchors && columns == std::int64_t{kAnchorValues};
  if (head.rows) return head;
  if (rows != std::int64_t{kAnchorValues} || columns != anchors) return {};
  head.people = {.kind = HeadKind::kDecoded, .classes = 1, .levels = {}};
  head.people.levels.front() = {0, 0, 0};
  return head;
}

std::string_view name_of(PoseHeadKind kind) {
  return kPoseHeadNames[static_cast<std::size_t>(kind)];
}

tl::unexpected<Error> no_pose_head(std::span<const Output> outputs, media::Size input,
                                   std::optional<PoseHeadKind> told) {
  const int columns = input.width / kStrides[0];
  const int rows = input.height / kStrides[0];
  const std::int64_t anchors = anchors_of(input);
  return fail(
      ErrorCode::kUnsupported,
      fmt::format("the outputs {} of a network with input {}x{} are no head of people with 17 key "
                  "points{}; what would do: dfl ({}, {}, 64), ({}, {}, 1) and ({}, {}, 51), and "
                  "so at strides 16 and 32; decoded (56, {}) or ({}, 56); boxes (rows, 57)",
                  shapes_of(outputs), input.width, input.height,
                  told ? fmt::format(" of the kind {}", name_of(*told)) : "", rows, columns, rows,
                  columns, rows, columns, anchors, anchors));
}

void decode_rows(Values all, PoseHeadKind kind, float threshold, Candidates& found) {
  const bool boxes = kind == PoseHeadKind::kBoxes;
  const std::size_t width = boxes ? kRowValues : kAnchorValues;
  for (std::size_t i = 0; (i + 1) * width <= all.size(); ++i) {
    const Values row = all.subspan(i * width, width);
    if (!(row[4] >= threshold) || (boxes && !(row[5] >= 0))) continue;
    const Box box =
        boxes ? Box{row[0], row[1], row[2], row[3]} : box_around(row[0], row[1], row[2], row[3]);
    found.add({box, row[4], 0, static_cast<std::uint32_t>(i)});
  }
}

KeyPoint known(KeyPoint point) {
  if (!std::isfinite(point.x) || !std::isfinite(point.y) || !std::isfinite(point.score)) return {};
  point.score = std::clamp(point.score, 0.F, 1.F);  // quantised ones may lie a step outside
  return point;
}

}  // namespace

std::optional<PoseHeadKind> pose_head_named(std::string_view name) {
  const auto* const found = std::ranges::find(kPoseHeadNames, name);
  if (found == kPoseHeadNames.end()) return {};
  return static_cast<PoseHeadKind>(found - kPoseHeadNames.begin());
}

Result<PoseHead> find_pose_head(std::span<const Output> outputs, media::Size input,
                                std::optional<PoseHeadKind> told) {
  auto head = find_grids(outputs, input);
  if (!head) head = find_table(outputs, input);
  if (!head || (told && head->kind != *told)) return no_pose_head(outputs, input, told);
  return *head;
}

void decode_people(const PoseHead& head, std::span<const Output> outputs, media::Size input,
                   float threshold, Candidates& found) {
  if (head.rows) return decode_rows(outputs.front().data, head.kind, threshold, found);
  decode(head.people, outputs, input, threshold, found);
}

KeyPoints key_points_of(const PoseHead& head, std::span<const Output> outputs, media::Size input,
                        std::uint32_t source) {
  KeyPoints points;
  if (head.kind == PoseHeadKind::kDfl) {
    const Anchor anchor = anchor_at(source, input);
    const auto output = static_cast<std::size_t>(head.points[anchor.level]);
    const Values raw = values_at(outputs[output], anchor.cell, kPointValues);
    for (std::size_t i = 0; i < kKeyPoints; ++i) {
      points[i] =
          known({(2 * raw[3 * i] + anchor.column) * anchor.stride,
                 (2 * raw[3 * i + 1] + anchor.row) * anchor.stride, sigmoid(raw[3 * i + 2])});
    }
    return points;
  }
  const Values all = outputs.front().data;
  const bool boxes = head.kind == PoseHeadKind::kBoxes;
  const std::size_t width = boxes ? kRowValues : kAnchorValues;
  // From one value of a person to the next.
  const std::size_t step = head.rows ? 1 : all.size() / width;
  const float* const person = all.data() + (head.rows ? source * width : source);
  for (std::size_t i = 0; i < kKeyPoints; ++i) {
    const float* point = person + ((boxes ? 6 : 5) + 3 * i) * step;
    points[i] = known({point[0], point[step], point[2 * step]});
  }
  return points;
}

}  // namespace npu::vision
