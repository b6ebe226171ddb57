#include "vision/polygons.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace npu::vision {
namespace {

using Points = std::vector<cv::Point>;

// The corners of the pixels inside, as a picture with x downwards, as the runs are. OpenCV follows
// the middles of pixels; of this picture those are the edges of the object's.
cv::Mat corners_of(const Rle& mask, const media::Region& bounds) {
  cv::Mat corners = cv::Mat::zeros(bounds.size.width + 1, bounds.size.height + 1, CV_8U);
  const auto height = static_cast<std::uint32_t>(mask.size.height);
  for_each_run(mask, [&](std::uint32_t begin, std::uint32_t end) {
    while (begin < end) {
      const std::uint32_t column = begin / height;
      const std::uint32_t stop = std::min(end, (column + 1) * height);
      const int x = static_cast<int>(column) - bounds.x;
      const int from = static_cast<int>(begin - column * height) - bounds.y;
      const int count = static_cast<int>(stop - begin) + 1;
      for (int side = 0; side < 2; ++side) {
        std::fill_n(corners.ptr<std::uint8_t>(x + side) + from, count, std::uint8_t{1});
      }
      begin = stop;
    }
  });
  return corners;
}

// Puts the hole's points between those of the outline, where the two are nearest.
void join(Points& outline, const Points& hole) {
  std::size_t at = 0;
  std::size_t start = 0;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < outline.size(); ++i) {
    for (std::size_t k = 0; k < hole.size(); ++k) {
      const std::int64_t dx = outline[i].x - hole[k].x;
      const std::int64_t dy = outline[i].y - hole[k].y;
      const std::int64_t distance = dx * dx + dy * dy;
      if (distance >= least) continue;
      least = distance;
      at = i;
      start = k;
    }
  }
  Points detour{outline[at]};
  for (std::size_t k = 0; k <= hole.size(); ++k) detour.push_back(hole[(start + k) % hole.size()]);
  outline.insert(outline.begin() + static_cast<std::ptrdiff_t>(at), detour.begin(), detour.end());
}

Points simplified(const Points& contour, double tolerance) {
  Points points;
  cv::approxPolyDP(contour, points, tolerance, true);
  return points;
}

bool encloses_something(const Points& points) { return points.size() >= 3; }

Polygon in_picture(const Points& points, const media::Region& bounds) {
  Polygon polygon;
  polygon.reserve(2 * points.size());
  for (const cv::Point& point : points) {
    polygon.push_back(point.y + bounds.x);
    polygon.push_back(point.x + bounds.y);
  }
  return polygon;
}

}  // namespace

std::vector<Polygon> polygons_of(const Rle& mask, double tolerance) {
  const media::Region bounds = bounds_of(mask);
  if (bounds.size.width == 0) return {};
  std::vector<Points> contours;
  std::vector<cv::Vec4i> tree;  // of each: next and previous of its kind, first hole, outline
  cv::findContours(corners_of(mask, bounds), contours, tree, cv::RETR_CCOMP,
                   cv::CHAIN_APPROX_SIMPLE);
  std::vector<Polygon> polygons;
  for (std::size_t i = 0; i < contours.size(); ++i) {
    if (tree[i][3] >= 0) continue;
    Points outline = simplified(contours[i], tolerance);
    if (!encloses_something(outline)) outline = contours[i];  // of what is thin
    for (int hole = tree[i][2]; hole >= 0; hole = tree[static_cast<std::size_t>(hole)][0]) {
      const Points inner = simplified(contours[static_cast<std::size_t>(hole)], tolerance);
      if (encloses_something(inner)) join(outline, inner);
    }
    polygons.push_back(in_picture(outline, bounds));
  }
  return polygons;
}

}  // namespace npu::vision
