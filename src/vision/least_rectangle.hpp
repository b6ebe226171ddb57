// OpenCV's least rectangles as quads. Only sources of this folder include it.
#pragma once

#include <algorithm>
#include <array>
#include <utility>

#include <opencv2/core/types.hpp>

#include "vision/quad.hpp"

namespace npu::vision {

// The two left corners, then the two right ones, each pair from above: of an angle of 45 degrees
// there is no better answer than another.
inline Quad upright(const cv::RotatedRect& rectangle) {
  std::array<cv::Point2f, 4> corners;
  rectangle.points(corners.data());
  std::ranges::sort(corners, {}, [](const cv::Point2f& corner) { return corner.x; });
  if (corners[0].y > corners[1].y) std::swap(corners[0], corners[1]);
  if (corners[2].y > corners[3].y) std::swap(corners[2], corners[3]);
  const auto point = [](const cv::Point2f& corner) { return media::Point{corner.x, corner.y}; };
  return {point(corners[0]), point(corners[2]), point(corners[3]), point(corners[1])};
}

}  // namespace npu::vision
