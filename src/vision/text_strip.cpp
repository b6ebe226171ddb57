#include "vision/text_strip.hpp"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace npu::vision {
namespace {

constexpr double kTall = 1.5;    // as PaddleOCR has it
constexpr int kMostSamples = 8;  // a side, for one pixel of the strip

// From pixels of the strip, counted as OpenCV does from the middle of the first, to those of the
// picture.
cv::Matx33d to_picture(const Quad& quad, cv::Size strip) {
  const auto width = static_cast<float>(strip.width);
  const auto height = static_cast<float>(strip.height);
  const cv::Point2f from[4] = {
      {-0.5F, -0.5F}, {width - 0.5F, -0.5F}, {width - 0.5F, height - 0.5F}, {-0.5F, height - 0.5F}};
  cv::Point2f to[4];
  for (std::size_t i = 0; i < 4; ++i) {
    to[i] = {static_cast<float>(quad[i].x - 0.5), static_cast<float>(quad[i].y - 0.5)};
  }
  return cv::getPerspectiveTransform(from, to);
}

cv::Mat pixels_of(const media::Image& picture) {
  return {picture.height(), picture.width(), CV_8UC3,
          const_cast<std::uint8_t*>(picture.pixels().data())};
}

}  // namespace

media::Image resized_page(const media::Image& picture, media::Size size) {
  media::Image page(size.width, size.height, 3);
  cv::Mat to = pixels_of(page);
  const bool shrunken = size.width < picture.width() && size.height < picture.height();
  cv::resize(pixels_of(picture), to, to.size(), 0, 0, shrunken ? cv::INTER_AREA : cv::INTER_LINEAR);
  return page;
}

Quad reading_direction(const Quad& quad) {
  return height_of(quad) >= kTall * width_of(quad) ? starting_at(quad, 1) : quad;
}

int strip_width(const Quad& quad, int height) {
  constexpr double kMost = 1 << 20;
  const double width = height * width_of(quad) / std::max(height_of(quad), 1e-6);
  return static_cast<int>(std::clamp(std::ceil(width), 1.0, kMost));
}

void cut_strip(const media::Image& picture, const Quad& quad, media::Size text, int strip_width,
               std::uint8_t fill, std::span<std::uint8_t> strip) {
  const cv::Mat from = pixels_of(picture);
  cv::Mat to(text.height, strip_width, CV_8UC3, strip.data());
  const int columns = std::min(text.width, strip_width);
  if (columns < strip_width) {
    to.colRange(columns, strip_width).setTo(cv::Scalar::all(fill));
  }
  cv::Mat place = to.colRange(0, columns);
  // What is enlarged stays sharper with the dearer interpolation.
  const double shrunk = std::min(height_of(quad) / text.height, 1e3);
  const int samples = std::clamp(static_cast<int>(shrunk), 1, kMostSamples);
  const auto warp = [&](cv::Mat& out, cv::Size size) {
    cv::warpPerspective(from, out, to_picture(quad, size), size,
                        (shrunk < 1 ? cv::INTER_CUBIC : cv::INTER_LINEAR) | cv::WARP_INVERSE_MAP,
                        cv::BORDER_REPLICATE);
  };
  if (samples == 1) {
    warp(place, {columns, text.height});
    return;
  }
  cv::Mat large;
  warp(large, {columns * samples, text.height * samples});
  cv::resize(large, place, place.size(), 0, 0, cv::INTER_AREA);
}

}  // namespace npu::vision
