#include "vision/text_map.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "vision/least_rectangle.hpp"
#include "vision/text_pieces.hpp"

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

// Mean of the map over the outline's pixels and what it encloses. Not over its rectangle: of a line
// that is bent, as in a book, that has much paper in it.
float mean_within(std::span<const float> map, media::Size size, const Contour& outline) {
  const cv::Rect bounds = cv::boundingRect(outline);
  cv::Mat inside(bounds.height, bounds.width, CV_8U, cv::Scalar(0));
  cv::drawContours(inside, std::vector<Contour>{outline}, 0, cv::Scalar(1), cv::FILLED, cv::LINE_8,
                   cv::noArray(), 0, -bounds.tl());
  const cv::Mat all(size.height, size.width, CV_32F, const_cast<float*>(map.data()));
  return static_cast<float>(cv::mean(all(bounds), inside)[0]);
}

}  // namespace

std::vector<TextRegion> find_text(std::span<const float> map, media::Size size,
                                  const TextMapRules& rules) {
  std::vector<TextRegion> regions;
  for (const Contour& outline : outlines_of(map, size, rules)) {
    cv::RotatedRect rectangle = cv::minAreaRect(outline);
    if (std::min(rectangle.size.width, rectangle.size.height) < rules.min_side) continue;
    const float score = mean_within(map, size, outline);
    if (!(score >= rules.box_threshold)) continue;
    const double width = rectangle.size.width;
    const double height = rectangle.size.height;
    const double wider = width * height * rules.unclip_ratio / (width + height);
    rectangle.size.width += static_cast<float>(wider);
    rectangle.size.height += static_cast<float>(wider);
    if (std::min(rectangle.size.width, rectangle.size.height) < rules.min_side + 2) continue;
    rectangle.center += cv::Point2f(0.5F, 0.5F);  // OpenCV counts from the middle of a pixel
    regions.push_back({upright(rectangle), score});
  }
  return join_pieces(regions);
}

}  // namespace npu::vision
