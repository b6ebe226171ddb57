#include "services/face/quality.hpp"

#include <algorithm>
#include <cmath>

namespace npu::face {
namespace {

constexpr double kPoor = 0.5;

double share(double value, double from, double to) {
  return std::clamp((value - from) / (to - from), 0.0, 1.0);
}

double laplacian_variance(const media::Image& picture) {
  const int width = picture.width();
  const auto pixels = picture.pixels();
  // Green has most of the brightness.
  const auto at = [&](int x, int y) {
    return static_cast<double>(pixels[static_cast<std::size_t>((y * width + x) * 3 + 1)]);
  };
  double sum = 0;
  double squares = 0;
  int count = 0;
  for (int y = 1; y + 1 < picture.height(); ++y) {
    for (int x = 1; x + 1 < width; ++x) {
      const double value = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4 * at(x, y);
      sum += value;
      squares += value * value;
      ++count;
    }
  }
  const double mean = sum / count;
  return squares / count - mean * mean;
}

// Along the line of the eyes, in their distances: 0 is in the middle.
double nose_aside(const Points& points) {
  const kit::Point left = points[0];
  const kit::Point right = points[1];
  const kit::Point nose = points[2];
  const double dx = right.x - left.x;
  const double dy = right.y - left.y;
  const double square = dx * dx + dy * dy;
  if (!(square > 0)) return 1;
  const double mx = nose.x - (left.x + right.x) / 2;
  const double my = nose.y - (left.y + right.y) / 2;
  return std::abs(mx * dx + my * dy) / square;
}

}  // namespace

Quality quality_of(const Face& face, const media::Image& aligned) {
  const double eyes =
      std::hypot(face.points[1].x - face.points[0].x, face.points[1].y - face.points[0].y);
  Quality quality;
  quality.confidence = std::clamp(static_cast<double>(face.score), 0.0, 1.0);
  quality.size = share(eyes, 10, 40);
  quality.sharpness = share(laplacian_variance(aligned), 0, 100);
  quality.frontal = 1 - share(nose_aside(face.points), 0, 0.5);
  quality.score = quality.confidence * quality.size * quality.sharpness * quality.frontal;
  if (quality.size < kPoor) quality.advice.emplace_back("a larger picture of the face");
  if (quality.sharpness < kPoor) quality.advice.emplace_back("a sharper picture");
  if (quality.frontal < kPoor) quality.advice.emplace_back("a face that looks into the camera");
  if (quality.confidence < kPoor) quality.advice.emplace_back("a face that is seen more clearly");
  return quality;
}

}  // namespace npu::face
