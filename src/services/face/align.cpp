#include "services/face/align.hpp"

#include <algorithm>
#include <cmath>
#include <complex>

#include <opencv2/imgproc.hpp>

namespace npu::face {
namespace {

using Complex = std::complex<double>;

Complex mean_of(const Points& points) {
  Complex sum;
  for (const kit::Point& p : points) sum += Complex(p.x, p.y);
  return sum / static_cast<double>(points.size());
}

// The pixels of the picture that the aligned one shows, a little more for the interpolation.
cv::Rect shown(const media::Image& picture, const Similarity& onto) {
  const double square = onto.a * onto.a + onto.b * onto.b;
  const auto back = [&](double x, double y) {
    const double u = x - onto.left;
    const double v = y - onto.top;
    return kit::Point{(onto.a * u + onto.b * v) / square, (onto.a * v - onto.b * u) / square};
  };
  constexpr double kSide = kAlignedSide;
  const std::array corners{back(0, 0), back(kSide, 0), back(0, kSide), back(kSide, kSide)};
  const auto [left, right] = std::ranges::minmax(corners, {}, &kit::Point::x);
  const auto [top, bottom] = std::ranges::minmax(corners, {}, &kit::Point::y);
  const double margin = 2 + 2 / std::sqrt(square);
  const auto within = [](double at, int most) {
    return static_cast<int>(std::clamp(at, 0.0, static_cast<double>(most)));
  };
  const cv::Point from(within(left.x - margin, picture.width()),
                       within(top.y - margin, picture.height()));
  const cv::Point to(within(std::ceil(right.x + margin), picture.width()),
                     within(std::ceil(bottom.y + margin), picture.height()));
  return {from, to};
}

}  // namespace

double Similarity::scale() const { return std::hypot(a, b); }

std::optional<Similarity> fit_similarity(const Points& from, const Points& to) {
  const Complex from_mean = mean_of(from);
  const Complex to_mean = mean_of(to);
  Complex both;
  double spread = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Complex p = Complex(from[i].x, from[i].y) - from_mean;
    const Complex q = Complex(to[i].x, to[i].y) - to_mean;
    both += std::conj(p) * q;
    spread += std::norm(p);
  }
  const Complex turn = both / spread;
  const Complex move = to_mean - turn * from_mean;
  const Similarity found{turn.real(), turn.imag(), move.real(), move.imag()};
  // Below a thousandth everything that a picture can have would be one point.
  const double scale = found.scale();
  if (!(scale > 1e-3 && scale < 1e3)) return {};
  if (!std::isfinite(found.left) || !std::isfinite(found.top)) return {};
  return found;
}

Similarity square_of(const kit::Box& box) {
  const double side = std::max({box.to.x - box.from.x, box.to.y - box.from.y, 1.0});
  const double scale = kAlignedSide / side;
  const double half = kAlignedSide / 2.0;
  return {scale, 0, half - scale * (box.from.x + box.to.x) / 2,
          half - scale * (box.from.y + box.to.y) / 2};
}

media::Image cut_out(const media::Image& picture, const Similarity& onto) {
  media::Image aligned(kAlignedSide, kAlignedSide, picture.channels());
  std::ranges::fill(aligned.pixels(), std::uint8_t{0});
  const cv::Rect part = shown(picture, onto);
  if (part.empty()) return aligned;
  const int type = CV_8UC(picture.channels());
  // OpenCV takes no pointers to const; it only reads.
  auto* const bytes = const_cast<std::uint8_t*>(picture.pixels().data());
  cv::Mat source = cv::Mat(picture.height(), picture.width(), type, bytes)(part);
  double across = 1;  // by how much `source` is smaller than the picture
  double down = 1;
  if (const double scale = onto.scale(); scale < 0.5) {
    const cv::Size small(std::max(1, static_cast<int>(std::lround(2 * scale * part.width))),
                         std::max(1, static_cast<int>(std::lround(2 * scale * part.height))));
    across = static_cast<double>(small.width) / part.width;
    down = static_cast<double>(small.height) / part.height;
    cv::Mat smaller;
    cv::resize(source, smaller, small, 0, 0, cv::INTER_AREA);
    source = smaller;
  }
  // Pixels of `source` to pixels of the aligned picture. Both are counted here by their corners, by
  // OpenCV by their middles, which differs by a half in each.
  const double ax = onto.a / across;
  const double bx = onto.b / across;
  const double ay = onto.a / down;
  const double by = onto.b / down;
  const kit::Point corner = onto({static_cast<double>(part.x), static_cast<double>(part.y)});
  const cv::Matx23d matrix(ax, -by, corner.x + (ax - by) / 2 - 0.5,  //
                           bx, ay, corner.y + (bx + ay) / 2 - 0.5);
  cv::Mat out(kAlignedSide, kAlignedSide, type, aligned.pixels().data());
  cv::warpAffine(source, out, matrix, out.size(), cv::INTER_LINEAR, cv::BORDER_CONSTANT);
  return aligned;
}

}  // namespace npu::face
