#include "vision/anchors.hpp"

#include <gtest/gtest.h>

namespace npu::vision {
namespace {

TEST(Anchors, Are_counted_over_all_strides_row_by_row) {
  constexpr media::Size kInput{96, 64};
  ASSERT_TRUE(has_grids(kInput));
  std::size_t index = 0;
  for_each_anchor(kInput, [&](const Anchor& is) {
    const Anchor should = anchor_at(index, kInput);
    EXPECT_EQ(is.level, should.level) << index;
    EXPECT_EQ(is.cell, should.cell) << index;
    EXPECT_EQ(is.column, should.column) << index;
    EXPECT_EQ(is.row, should.row) << index;
    EXPECT_EQ(is.stride, should.stride) << index;
    EXPECT_EQ(first_anchor_of(is.level, kInput) + is.cell, index);
    ++index;
  });
  EXPECT_EQ(index, 96U + 24 + 6);
  EXPECT_EQ(anchors_of(kInput), 126);
  const Anchor last = anchor_at(125, kInput);
  EXPECT_EQ(last.x(), 80);
  EXPECT_EQ(last.y(), 48);
}

TEST(Anchors, A_box_lies_as_far_from_the_middle_as_its_bins_say) {
  std::vector<float> bins(kBoxBins, -50);
  for (std::size_t edge = 0; edge < 4; ++edge) bins[edge * kBinsOfEdge + edge] = 0;
  bins[1 * kBinsOfEdge + 2] = 0;  // the upper one half between 1 and 2
  const Anchor anchor = anchor_in(1, 0, {96, 64});
  EXPECT_EQ(dfl_box(anchor, bins), (Box{8, 8 - 24, 8 + 32, 8 + 48}));
}

}  // namespace
}  // namespace npu::vision
