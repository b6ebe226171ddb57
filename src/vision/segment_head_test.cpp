#include "vision/segment_head.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <npu/tensor.hpp>

#include "vision/masks_golden.hpp"
#include "vision/outputs_test_support.hpp"
#include "vision/suppress.hpp"

namespace npu::vision {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct SegmentTensors : Tensors {
  std::optional<std::vector<std::uint8_t>> bytes{};
};

SegmentTensors golden_outputs(SegmentKind kind) {
  constexpr std::int64_t kM = kMaskCoefficients;
  constexpr std::int64_t kC = kMaskClasses;
  auto noise = [numbers = Noise()](float low, float high, std::int64_t count) mutable {
    return numbers(low, high, static_cast<std::size_t>(count));
  };
  SegmentTensors tensors;
  const auto add = [&](Shape shape, std::vector<float> data) {
    tensors.add(std::move(shape), std::move(data));
  };
  for (const int s : kStrides) {
    const std::int64_t rows = kMaskInput.height / s;
    const std::int64_t columns = kMaskInput.width / s;
    const std::int64_t n = rows * columns;
    if (kind == SegmentKind::kDfl) {
      add({rows, columns, 64}, noise(-4, 4, n * 64));
      add({rows, columns, kC}, noise(-6, 1.5F, n * kC));
      add({rows, columns, kM}, noise(-2, 2, n * kM));
    } else if (kind == SegmentKind::kYolov5) {
      add({rows, columns, 3 * (5 + kC + kM)}, noise(-3, 3, n * 3 * (5 + kC + kM)));
    }
  }
  const std::int64_t rows = kMaskInput.height / 4;
  const std::int64_t columns = kMaskInput.width / 4;
  if (kind != SegmentKind::kDecoded) {
    add({rows, columns, kM}, noise(-2, 2, rows * columns * kM));
    return tensors;
  }
  const std::int64_t n = anchors_of(kMaskInput);
  auto planes = noise(5, 60, 4 * n);
  for (const auto& more : {noise(0, 0.8F, kC * n), noise(-2, 2, kM * n)}) {
    planes.insert(planes.end(), more.begin(), more.end());
  }
  add({4 + kC + kM, n}, std::move(planes));
  add({kM, rows, columns}, noise(-2, 2, rows * columns * kM));
  return tensors;
}

struct FoundMask {
  Detection detection;
  Rle mask;
};

std::vector<FoundMask> masks_in(const SegmentTensors& tensors, float threshold = kMaskThreshold,
                                std::optional<SegmentKind> told = {}) {
  const auto floats = tensors.outputs();
  SegmentOutputs outputs{.floats = floats};
  if (tensors.bytes) outputs.bytes = *tensors.bytes;
  const auto head = find_segment_head(outputs, kMaskInput, told);
  EXPECT_TRUE(head) << head.error().message;
  if (!head) return {};
  Segments segments(*head, outputs, kMaskInput);
  Candidates candidates(1000);
  segments.decode(threshold, candidates);
  std::vector<FoundMask> found;
  for (const Detection& one : suppress(
           std::move(candidates), {.max_overlap = kMaskOverlap, .max_detections = kMaskMost})) {
    found.push_back({one, pixels_inside(segments.field(one), one.box, kMaskPicture)});
  }
  return found;
}

double mask_overlap(const Rle& a, const Rle& b) {
  const media::Region all{0, 0, a.size};
  const auto left = pixels_of(a, all, 1);
  const auto right = pixels_of(b, all, 1);
  int both = 0;
  int either = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    both += left[i] & right[i];
    either += left[i] | right[i];
  }
  return either == 0 ? 1 : static_cast<double>(both) / either;
}

void expect_golden(const std::vector<FoundMask>& found, const GoldenSegments& golden) {
  const auto name = kSegmentNames[static_cast<std::size_t>(golden.kind)];
  ASSERT_EQ(found.size(), golden.kept.size()) << name;
  for (std::size_t i = 0; i < found.size(); ++i) {
    SCOPED_TRACE(fmt::format("{} {}", name, i));
    expect_found(found[i].detection, golden.kept[i].detection);
    EXPECT_GE(mask_overlap(found[i].mask, {kMaskPicture.picture, golden.kept[i].counts}), 0.999)
        << name << " " << i;
  }
}

TEST(SegmentHead, Objects_and_masks_are_those_of_numpy) {
  for (const GoldenSegments& golden : kGoldenSegments) {
    expect_golden(masks_in(golden_outputs(golden.kind)), golden);
  }
}

const GoldenSegments& golden_of(SegmentKind kind) {
  return *std::ranges::find(kGoldenSegments, kind, &GoldenSegments::kind);
}

// (rows, columns) to (columns, rows).
std::vector<float> transposed(const std::vector<float>& values, std::size_t columns) {
  std::vector<float> out;
  for (std::size_t i = 0; i < columns; ++i) {
    for (std::size_t at = i; at < values.size(); at += columns) out.push_back(values[at]);
  }
  return out;
}

TEST(SegmentHead, Decoded_outputs_may_be_turned_and_their_prototypes_too) {
  SegmentTensors tensors = golden_outputs(SegmentKind::kDecoded);
  auto& [shape, values] = tensors.all[0];
  values = transposed(values, static_cast<std::size_t>(shape[1]));
  shape = {1, shape[1], shape[0]};
  expect_golden(masks_in(tensors), golden_of(SegmentKind::kDecoded));
  auto& [planes_shape, planes] = tensors.all[1];
  planes = transposed(planes, static_cast<std::size_t>(planes_shape[1] * planes_shape[2]));
  planes_shape = {1, planes_shape[1], planes_shape[2], planes_shape[0]};
  std::swap(tensors.all[0], tensors.all[1]);
  expect_golden(masks_in(tensors), golden_of(SegmentKind::kDecoded));
}

// Of a YOLOv5 as ONNX: decoded, one row for each anchor.
TEST(SegmentHead, Rows_of_yolov5_carry_their_coefficients) {
  SegmentTensors tensors;
  constexpr std::int64_t kWidth = 5 + 2 + 3;
  const std::int64_t n = 3 * anchors_of(kMaskInput);
  std::vector<float> rows(static_cast<std::size_t>(n * kWidth), 0);
  const float row[kWidth] = {48, 32, 32, 16, 0.9F, 0.1F, 1, 0, -5, 0};
  std::ranges::copy(row, rows.begin() + 77 * kWidth);
  tensors.all.emplace_back(Shape{1, n, kWidth}, rows);
  tensors.all.emplace_back(Shape{1, 3, 16, 24}, std::vector<float>(3 * 16 * 24, -1));
  const auto found = masks_in(tensors);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].detection, (Detection{{32, 24, 64, 40}, 0.9F, 1}));
  const media::Region bounds = bounds_of(found[0].mask);  // the whole box: sigmoid(5)
  EXPECT_EQ(bounds.x, 50);
  EXPECT_EQ(bounds.size, (media::Size{50, 25}));
  EXPECT_EQ(area_of(found[0].mask), 50U * 25U);
}

TEST(SegmentHead, Rows_with_the_suppression_inside_carry_their_coefficients) {
  SegmentTensors tensors;
  tensors.all.emplace_back(Shape{1, 2, 8}, std::vector<float>{0, 0, 48, 32, 0.9F, 7, 1, 0,  //
                                                              48, 32, 96, 64, 0.8F, 3, 0, 1});
  std::vector<float> planes(2 * 16 * 24, 4);
  std::fill_n(planes.begin(), 16 * 24, -4.F);
  tensors.all.emplace_back(Shape{1, 2, 16, 24}, planes);
  const auto found = masks_in(tensors);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].detection.label, 7);
  EXPECT_EQ(area_of(found[0].mask), 0U);
  EXPECT_GT(area_of(found[1].mask), 0U);
}

TEST(SegmentHead, Masks_of_bytes_follow_each_other_in_the_order_of_the_rows) {
  SegmentTensors tensors;
  // 24 x 16 pixels of the input, then 10 x 4 of 9.6 and 3.2 rounded up.
  tensors.all.emplace_back(Shape{3, 6}, std::vector<float>{0, 0, 0.25F, 0.25F, 0.9F, 1,       //
                                                           0.5F, 0.5F, 0.6F, 0.55F, 0.8F, 2,  //
                                                           0, 0, 0, 0, 0, -1});
  tensors.bytes.emplace(1000, 0);
  std::fill_n(tensors.bytes->begin() + 24 * 16, 10 * 4, std::uint8_t{1});
  const auto found = masks_in(tensors);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(area_of(found[0].mask), 0U);
  const media::Region bounds = bounds_of(found[1].mask);
  EXPECT_EQ(bounds.x, 75);                       // 48 of 96, in 150
  EXPECT_EQ(bounds.size, (media::Size{15, 5}));  // 9.6 and 3.2 pixels of the input
}

TEST(SegmentHead, A_mask_that_the_device_had_no_room_for_is_empty) {
  SegmentTensors tensors;
  tensors.all.emplace_back(Shape{2, 6}, std::vector<float>{0, 0, 0.25F, 0.25F, 0.9F, 1,  //
                                                           0.5F, 0.5F, 1, 1, 0.8F, 2});
  tensors.bytes.emplace(24 * 16 + 7, 1);
  const auto found = masks_in(tensors);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_GT(area_of(found[0].mask), 0U);
  EXPECT_EQ(area_of(found[1].mask), 0U);
}

Result<SegmentHead> find(const std::vector<Shape>& shapes, bool bytes = false,
                         std::optional<SegmentKind> told = {}) {
  std::vector<Output> floats;
  floats.reserve(shapes.size());
  for (const Shape& shape : shapes) floats.push_back({shape, {}});
  SegmentOutputs outputs{.floats = floats};
  if (bytes) outputs.bytes.emplace();
  return find_segment_head(outputs, {640, 640}, told);
}

void expect_head(const std::vector<Shape>& shapes, SegmentKind kind, int classes,
                 bool bytes = false) {
  const auto head = find(shapes, bytes);
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->kind, kind);
  EXPECT_EQ(head->detector.classes, classes);
}

TEST(FindSegmentHead, Published_networks_are_known_by_their_shapes) {
  expect_head({{116, 8400}, {32, 160, 160}}, SegmentKind::kDecoded, 80);
  expect_head({{1, 160, 160, 32}, {1, 8400, 116}}, SegmentKind::kDecoded, 80);
  expect_head({{1, 25200, 117}, {1, 32, 160, 160}}, SegmentKind::kYolov5, 80);
  expect_head({{1, 300, 38}, {1, 32, 160, 160}}, SegmentKind::kBoxes, 0);
  expect_head({{100, 6}}, SegmentKind::kBoxes, 0, true);
  expect_head({{160, 160, 32}, {80, 80, 351}, {40, 40, 351}, {20, 20, 351}}, SegmentKind::kYolov5,
              80);
  expect_head({{80, 80, 64},
               {80, 80, 1},
               {80, 80, 32},
               {40, 40, 64},
               {40, 40, 1},
               {40, 40, 32},
               {20, 20, 64},
               {20, 20, 1},
               {20, 20, 32},
               {160, 160, 32}},
              SegmentKind::kDfl, 1);
}

TEST(FindSegmentHead, Raw_heads_are_matched_in_any_order) {
  const std::vector<Shape> shapes{{20, 20, 80}, {160, 160, 32}, {80, 80, 32}, {80, 80, 64},
                                  {40, 40, 64}, {80, 80, 80},   {20, 20, 32}, {20, 20, 64},
                                  {40, 40, 32}, {40, 40, 80}};
  expect_head(shapes, SegmentKind::kDfl, 80);
  const auto head = find(shapes);
  EXPECT_EQ(head->prototypes, 1);
  EXPECT_THAT(head->coefficients, ElementsAre(2, 8, 6));
  EXPECT_EQ(head->detector.levels[0].boxes, 3);
  EXPECT_EQ(head->detector.levels[2].scores, 0);
}

// 32 classes and 32 coefficients: the scores come first, as the networks have them.
TEST(FindSegmentHead, Parts_with_as_many_channels_are_told_apart_by_their_order) {
  std::vector<Shape> shapes;
  for (const std::int64_t side : {80, 40, 20}) {
    for (const std::int64_t channels : {64, 32, 32}) shapes.push_back({side, side, channels});
  }
  shapes.push_back({160, 160, 32});
  const auto head = find(shapes);
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->detector.levels[1].scores, 4);
  EXPECT_EQ(head->coefficients[1], 5);
}

TEST(FindSegmentHead, Outputs_of_no_segmenter_are_told_with_what_would_do) {
  for (const std::vector<Shape>& shapes : std::vector<std::vector<Shape>>{
           {{1000}},
           {},
           {{84, 8400}},
           {{116, 8400}, {32, 80, 80}},
           {{36, 8400}, {32, 160, 160}},
           {{80, 80, 64}, {80, 80, 80}, {40, 40, 64}, {40, 40, 80}, {20, 20, 64}, {20, 20, 80}},
           {{80, 80, 351}, {40, 40, 351}, {20, 20, 350}, {160, 160, 32}}}) {
    const auto head = find(shapes);
    ASSERT_FALSE(head);
    EXPECT_EQ(head.error().code, ErrorCode::kUnsupported);
  }
  EXPECT_THAT(find({{84, 8400}}).error().message,
              testing::AllOf(
                  HasSubstr("(84, 8400) of a network with input 640x640"),
                  HasSubstr("with m prototypes (160, 160, m): dfl (80, 80, 64), (80, 80, classes)"),
                  HasSubstr("decoded (4 + classes + m, 8400)")));
  EXPECT_FALSE(find({{100, 7}}, true));
}

TEST(FindSegmentHead, What_may_be_two_things_has_to_be_told) {
  const std::vector<Shape> shapes{{8400, 38}, {32, 160, 160}};
  EXPECT_THAT(find(shapes).error().message, HasSubstr("boxes or decoded: say which"));
  EXPECT_EQ(find(shapes, false, SegmentKind::kDecoded)->detector.classes, 2);
  EXPECT_THAT(find(shapes, false, SegmentKind::kDfl).error().message, HasSubstr("of the kind dfl"));
}

}  // namespace
}  // namespace npu::vision
