#include "device/hailort/vision/nms.hpp"

#include <array>
#include <cstring>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::device::hailort {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::ElementsAreArray;

class FrameWriter {
 public:
  template <class T>
  FrameWriter& add(T value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), bytes, bytes + sizeof(T));
    return *this;
  }
  // In the order of the wire: y before x.
  FrameWriter& box(float x_min, float y_min, float x_max, float y_max, float score) {
    return add(y_min).add(x_min).add(y_max).add(x_max).add(score);
  }
  FrameWriter& mask(std::size_t head_rest, const std::vector<int>& pixels) {
    add(std::uint64_t{pixels.size()});
    bytes_.insert(bytes_.end(), head_rest, std::byte{0xEE});
    for (const int pixel : pixels) bytes_.push_back(static_cast<std::byte>(pixel));
    return *this;
  }
  std::vector<std::byte> filled_to(std::size_t size) const {
    auto bytes = bytes_;
    bytes.resize(size, std::byte{0xAB});
    return bytes;
  }

 private:
  std::vector<std::byte> bytes_;
};

using Row = std::array<float, kNmsColumns>;

struct Decoded {
  Status status;
  std::vector<Row> rows;
  std::vector<std::byte> masks;
};

Decoded decode(const NmsLayout& layout, const std::vector<std::byte>& frame) {
  Decoded out;
  out.rows.resize(nms_rows(layout), Row{9, 9, 9, 9, 9, 9});
  out.masks.resize(layout.mask_bytes, std::byte{9});
  out.status =
      decode_nms(layout, frame, std::as_writable_bytes(std::span(out.rows)), std::span(out.masks));
  return out;
}

constexpr Row kUnused{0, 0, 0, 0, 0, -1};
constexpr NmsLayout kByClass{.order = NmsOrder::kByClass, .classes = 3, .boxes_per_class = 2};
constexpr NmsLayout kByScore{.order = NmsOrder::kByScore, .boxes = 3};
// 16 bytes of the record stand behind the mask's size.
constexpr NmsLayout kMasks{.order = NmsOrder::kByteMask,
                           .boxes = 3,
                           .entry_bytes = 46,
                           .width = 8,
                           .height = 16,
                           .mask_bytes = 64};

std::size_t by_class_bytes() { return 3 * (1 + 5 * 2) * sizeof(float); }

TEST(Nms, Boxes_by_class_are_packed_and_become_rows_by_score) {
  const auto frame = FrameWriter()
                         .add(1.0F)
                         .box(0.1F, 0.2F, 0.3F, 0.4F, 0.5F)
                         .add(0.0F)
                         .add(2.0F)
                         .box(0.5F, 0.5F, 0.9F, 0.9F, 0.9F)
                         .box(0, 0, 1, 1, 0.25F)
                         .filled_to(by_class_bytes());
  const auto out = decode(kByClass, frame);
  ASSERT_TRUE(out.status) << out.status.error().message;
  EXPECT_THAT(out.rows, ElementsAre(Row{0.5F, 0.5F, 0.9F, 0.9F, 0.9F, 2},
                                    Row{0.1F, 0.2F, 0.3F, 0.4F, 0.5F, 0}, Row{0, 0, 1, 1, 0.25F, 2},
                                    kUnused, kUnused, kUnused));
}

TEST(Nms, Boxes_by_score_become_rows) {
  const auto frame = FrameWriter()
                         .add(std::uint16_t{2})
                         .box(0.1F, 0.2F, 0.3F, 0.4F, 0.8F)
                         .add(std::uint16_t{7})
                         .box(0, 0, 1, 1, 0.6F)
                         .add(std::uint16_t{300})
                         .filled_to(2 + 3 * 22);
  const auto out = decode(kByScore, frame);
  ASSERT_TRUE(out.status) << out.status.error().message;
  EXPECT_THAT(out.rows, ElementsAre(Row{0.1F, 0.2F, 0.3F, 0.4F, 0.8F, 7},
                                    Row{0, 0, 1, 1, 0.6F, 300}, kUnused));
}

TEST(Nms, No_boxes_are_only_unused_rows) {
  EXPECT_THAT(decode(kByScore, FrameWriter().add(std::uint16_t{0}).filled_to(68)).rows,
              Each(kUnused));
  EXPECT_THAT(decode(kByClass, std::vector<std::byte>(by_class_bytes())).rows, Each(kUnused));
}

TEST(Nms, Masks_follow_their_rows_when_these_change_places) {
  // 2 by 2 pixels, and 1 by 2.
  const auto frame = FrameWriter()
                         .add(std::uint16_t{2})
                         .box(0.5F, 0.5F, 0.75F, 0.625F, 0.3F)
                         .add(std::uint16_t{1})
                         .mask(16, {1, 2, 3, 4})
                         .box(0, 0, 0.125F, 0.125F, 0.9F)
                         .add(std::uint16_t{2})
                         .mask(16, {5, 6})
                         .filled_to(2 + 3 * 46 + 64);
  const auto out = decode(kMasks, frame);
  ASSERT_TRUE(out.status) << out.status.error().message;
  EXPECT_EQ(out.rows[0][5], 2);
  EXPECT_EQ(out.rows[1][5], 1);
  std::vector<std::byte> expected{std::byte{5}, std::byte{6}, std::byte{1},
                                  std::byte{2}, std::byte{3}, std::byte{4}};
  expected.resize(out.masks.size());
  EXPECT_THAT(out.masks, ElementsAreArray(expected));
}

TEST(Nms, A_mask_in_whole_pixels_is_cut_to_its_box) {
  // x 1.5..2.5 touches pixels 1 and 2, the box is 1 wide; y 0..2 is 2 high.
  const auto frame = FrameWriter()
                         .add(std::uint16_t{1})
                         .box(0.1875F, 0, 0.3125F, 0.125F, 0.5F)
                         .add(std::uint16_t{0})
                         .mask(16, {1, 2, 3, 4})
                         .filled_to(2 + 3 * 46 + 64);
  const auto out = decode(kMasks, frame);
  ASSERT_TRUE(out.status) << out.status.error().message;
  EXPECT_EQ(out.masks[0], std::byte{1});
  EXPECT_EQ(out.masks[1], std::byte{3});
  EXPECT_EQ(out.masks[2], std::byte{0});
}

TEST(Nms, A_row_whose_mask_has_no_room_is_left_out) {
  NmsLayout layout = kMasks;
  layout.mask_bytes = 5;
  const auto frame = FrameWriter()
                         .add(std::uint16_t{2})
                         .box(0.5F, 0.5F, 0.75F, 0.625F, 0.9F)
                         .add(std::uint16_t{1})
                         .mask(16, {1, 2, 3, 4})
                         .box(0, 0, 0.125F, 0.125F, 0.3F)
                         .add(std::uint16_t{2})
                         .mask(16, {5, 6})
                         .filled_to(300);
  const auto out = decode(layout, frame);
  ASSERT_TRUE(out.status);
  EXPECT_EQ(out.rows[0][5], 1);
  EXPECT_EQ(out.rows[1], kUnused);
}

TEST(Nms, A_mask_of_another_size_than_its_box_is_an_error) {
  const auto frame = FrameWriter()
                         .add(std::uint16_t{1})
                         .box(0, 0, 0.125F, 0.125F, 0.3F)
                         .add(std::uint16_t{2})
                         .mask(16, {5, 6, 7, 8, 9})
                         .filled_to(300);
  EXPECT_EQ(decode(kMasks, frame).status.error().code, ErrorCode::kInternal);
}

TEST(Nms, Boxes_that_are_not_numbers_are_left_out) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto frame = FrameWriter()
                         .add(std::uint16_t{2})
                         .box(nan, 0, 1, 1, 0.9F)
                         .add(std::uint16_t{1})
                         .box(0, 0, 1, 1, 0.5F)
                         .add(std::uint16_t{2})
                         .filled_to(68);
  EXPECT_THAT(decode(kByScore, frame).rows,
              ElementsAre(Row{0, 0, 1, 1, 0.5F, 2}, kUnused, kUnused));
}

TEST(Nms, A_frame_that_is_not_of_the_layout_is_an_error) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto code = [](const NmsLayout& layout, const std::vector<std::byte>& frame) {
    const auto out = decode(layout, frame);
    return out.status ? ErrorCode::kCancelled : out.status.error().code;
  };
  EXPECT_EQ(code(kByClass, {}), ErrorCode::kInternal);
  EXPECT_EQ(code(kByScore, {}), ErrorCode::kInternal);
  EXPECT_EQ(code(kByScore, FrameWriter().add(std::uint16_t{3}).filled_to(30)),
            ErrorCode::kInternal);
  EXPECT_EQ(code(kByScore, FrameWriter().add(std::uint16_t{4}).filled_to(500)),
            ErrorCode::kInternal);
  for (const float count : {3.0F, -1.0F, nan, 1e30F}) {
    EXPECT_EQ(code(kByClass, FrameWriter().add(count).filled_to(by_class_bytes())),
              ErrorCode::kInternal)
        << count;
  }
  EXPECT_EQ(code(kMasks, FrameWriter()
                             .add(std::uint16_t{1})
                             .box(0, 0, 1, 1, 1)
                             .add(std::uint16_t{0})
                             .add(std::numeric_limits<std::uint64_t>::max())
                             .filled_to(200)),
            ErrorCode::kInternal);
}

TEST(Nms, A_layout_that_no_model_has_is_refused) {
  EXPECT_TRUE(check(kByClass));
  EXPECT_TRUE(check(kMasks));
  const auto refused = [](NmsLayout layout) { return !check(layout); };
  EXPECT_TRUE(refused({.order = NmsOrder::kByClass, .classes = 0, .boxes_per_class = 2}));
  EXPECT_TRUE(refused({.order = NmsOrder::kByClass, .classes = 1 << 30, .boxes_per_class = 9}));
  EXPECT_TRUE(refused({.order = NmsOrder::kByScore, .boxes = -1}));
  NmsLayout layout = kMasks;
  layout.width = 0;
  EXPECT_TRUE(refused(layout));
  layout = kMasks;
  layout.entry_bytes = 29;
  EXPECT_TRUE(refused(layout));
}

}  // namespace
}  // namespace npu::device::hailort
