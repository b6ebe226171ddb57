#include "vision/text_map.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace npu::vision {
namespace {

using Contour = std::vector<cv::Point>;

// The outlines of what is connected, without those of holes, the longest first.
std::vector<Contour> outlines_of(std::span<const float> map, media::Size size,
                                 const TextMapRules& rules) {
  cv::Mat bits(size.height, size.width, CV_8U);
  const auto threshold = static_cast<float>(rules.pixel_threshold);
  std::ranges::transform(map, bits.data, [threshold](float value) {
    return static_cast<std::uint8_t>(value > threshold ? 1 : 0);
  });
  std::vector<Contour> contours;
  std::vector<cv::Vec4i> tree;  // of each: next and previous of its kind, first hole, outline
  cv::findContours(bits, contours, tree, cv::RETR_CCOMP, cv::CHAIN_APPROX_SIMPLE);
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < contours.size(); ++i) {
    if (tree[i][3] < 0) order.emplace_back(-cv::arcLength(contours[i], true), i);
  }
  std::ranges::sort(order);
  order.resize(std::min(order.size(), rules.max_regions));
  std::vector<Contour> outlines;
  outlines.reserve(order.size());
  for (const auto& [length, index] : order) outlines.push_back(std::move(contours[index]));
  return outlines;
}

// Where |a x + b| <= limit, as a part of [from, to].
void narrow(double a, double b, double limit, double& from, double& to) {
  constexpr double kFlat = 1e-9;
  if (std::abs(a) < kFlat) {
    if (std::abs(b) > limit) to = from - 1;
    return;
  }
  const double one = (-limit - b) / a;
  const double other = (limit - b) / a;
  from = std::max(from, std::min(one, other));
  to = std::min(to, std::max(one, other));
}

// Mean of the map over the pixels whose middles lie in the rectangle or on its edge.
float mean_within(std::span<const float> map, media::Size size, const cv::RotatedRect& rectangle) {
  constexpr double kEdge = 1e-4;
  const double angle = rectangle.angle * std::numbers::pi / 180;
  const double ux = std::cos(angle);
  const double uy = std::sin(angle);
  const double across = rectangle.size.width / 2 + kEdge;
  const double down = rectangle.size.height / 2 + kEdge;
  const cv::Rect bounds = rectangle.boundingRect() & cv::Rect(0, 0, size.width, size.height);
  double sum = 0;
  std::int64_t count = 0;
  for (int y = bounds.y; y < bounds.y + bounds.height; ++y) {
    const double dy = y - rectangle.center.y;
    double from = bounds.x;
    double to = bounds.x + bounds.width - 1;
    narrow(ux, dy * uy - ux * rectangle.center.x, across, from, to);
    narrow(-uy, dy * ux + uy * rectangle.center.x, down, from, to);
    const auto row =
        map.subspan(static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width));
    const auto end = static_cast<std::int64_t>(std::floor(to));
    for (auto x = static_cast<std::int64_t>(std::ceil(from)); x <= end; ++x, ++count) {
      sum += row[static_cast<std::size_t>(x)];
    }
  }
  return count == 0 ? 0 : static_cast<float>(sum / static_cast<double>(count));
}

// The two left corners, then the two right ones, each pair from above: of an angle of 45 degrees
// there is no better answer than another.
Quad upright(const cv::RotatedRect& rectangle) {
  std::array<cv::Point2f, 4> corners;
  rectangle.points(corners.data());
  std::ranges::sort(corners, {}, [](const cv::Point2f& corner) { return corner.x; });
  if (corners[0].y > corners[1].y) std::swap(corners[0], corners[1]);
  if (corners[2].y > corners[3].y) std::swap(corners[2], corners[3]);
  const auto point = [](const cv::Point2f& corner) {
    // OpenCV counts from the middle of the first pixel.
    return media::Point{corner.x + 0.5, corner.y + 0.5};
  };
  return {point(corners[0]), point(corners[2]), point(corners[3]), point(corners[1])};
}

}  // namespace

std::vector<TextRegion> find_text(std::span<const float> map, media::Size size,
                                  const TextMapRules& rules) {
  std::vector<TextRegion> regions;
  for (const Contour& outline : outlines_of(map, size, rules)) {
    cv::RotatedRect rectangle = cv::minAreaRect(outline);
    if (std::min(rectangle.size.width, rectangle.size.height) < rules.min_side) continue;
    const float score = mean_within(map, size, rectangle);
    if (!(score >= rules.box_threshold)) continue;
    const double width = rectangle.size.width;
    const double height = rectangle.size.height;
    const double wider = width * height * rules.unclip_ratio / (width + height);
    rectangle.size.width += static_cast<float>(wider);
    rectangle.size.height += static_cast<float>(wider);
    if (std::min(rectangle.size.width, rectangle.size.height) < rules.min_side + 2) continue;
    regions.push_back({upright(rectangle), score});
  }
  return regions;
}

}  // namespace npu::vision
