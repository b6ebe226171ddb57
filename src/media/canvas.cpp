#include "media/canvas.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "media/ascii_text.hpp"

namespace npu::media {
namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
// Fractions of a pixel that OpenCV takes: sixteenths.
constexpr int kShift = 4;

// Beyond any picture, and far within what a double has exactly.
constexpr double kFar = 1e6;

bool finite(const Point& point) { return std::isfinite(point.x) && std::isfinite(point.y); }

double near(double value) { return std::clamp(value, -kFar, kFar); }

cv::Scalar scalar_of(Colour colour) {
  return {1.0 * colour.red, 1.0 * colour.green, 1.0 * colour.blue};
}

cv::Mat mat_of(Image& picture) {
  return {picture.height(), picture.width(), CV_8UC3, picture.pixels().data()};
}

// OpenCV counts from the middle of the first pixel.
cv::Point fixed(Point point) {
  const auto of = [](double at) {
    return static_cast<int>(std::lround((at - 0.5) * (1 << kShift)));
  };
  return {of(point.x), of(point.y)};
}

struct Segment {
  Point from;
  Point to;
};

// The part of a segment within a rectangle around the picture (Liang and Barsky 1984): OpenCV
// multiplies coordinates as integers. Nothing where there is none.
std::optional<Segment> clipped(Segment line, Size picture, double margin) {
  const double across = line.to.x - line.from.x;
  const double down = line.to.y - line.from.y;
  double begin = 0;
  double end = 1;
  const auto keep = [&](double step, double room) {
    if (step == 0) return room >= 0;
    const double at = room / step;
    if (step < 0) {
      begin = std::max(begin, at);
    } else {
      end = std::min(end, at);
    }
    return begin <= end;
  };
  const bool inside =
      keep(-across, line.from.x + margin) && keep(across, picture.width + margin - line.from.x) &&
      keep(-down, line.from.y + margin) && keep(down, picture.height + margin - line.from.y);
  if (!inside) return std::nullopt;
  const auto at = [&](double share) {
    return Point{line.from.x + share * across, line.from.y + share * down};
  };
  return Segment{at(begin), at(end)};
}

Region intersection(const Region& a, const Size& picture) {
  const auto side = [](std::int64_t from, std::int64_t length, std::int64_t most) {
    const std::int64_t begin = std::clamp<std::int64_t>(from, 0, most);
    const std::int64_t end = std::clamp<std::int64_t>(from + length, begin, most);
    return std::pair(static_cast<int>(begin), static_cast<int>(end - begin));
  };
  const auto [x, width] = side(a.x, a.size.width, picture.width);
  const auto [y, height] = side(a.y, a.size.height, picture.height);
  return {x, y, {width, height}};
}

Size size_of(const Image& picture) { return {picture.width(), picture.height()}; }

int thickness_for(Size picture) {
  const double mean = (1.0 * picture.width + picture.height) / 2;
  return std::max(1, static_cast<int>(std::lround(mean / 300)));
}

// The pixels of a box, of which there is at least one.
Region pixels_of(const Box& box) {
  const auto side = [](double from, double to) {
    const auto begin = static_cast<int>(std::lround(near(std::min(from, to))));
    const auto end = static_cast<int>(std::lround(near(std::max(from, to))));
    return std::pair(begin, std::max(1, end - begin));
  };
  const auto [x, width] = side(box.from.x, box.to.x);
  const auto [y, height] = side(box.from.y, box.to.y);
  return {x, y, {width, height}};
}

std::uint8_t half(std::uint8_t below, std::uint8_t over) {
  return static_cast<std::uint8_t>((below + over + 1) / 2);
}

}  // namespace

Canvas::Canvas(Image& picture) : picture_(picture), thickness_(thickness_for(size_of(picture))) {}

void Canvas::fill(const Region& region, Colour colour) {
  const Region inside = intersection(region, size_of(picture_));
  const cv::Rect part(inside.x, inside.y, inside.size.width, inside.size.height);
  if (!part.empty()) mat_of(picture_)(part).setTo(scalar_of(colour));
}

void Canvas::box(const Box& box, Colour colour) {
  if (!finite(box.from) || !finite(box.to)) return;
  const auto [x, y, size] = pixels_of(box);
  const int across = std::min(thickness_, size.width);
  const int down = std::min(thickness_, size.height);
  fill({x, y, {size.width, down}}, colour);
  fill({x, y + size.height - down, {size.width, down}}, colour);
  fill({x, y, {across, size.height}}, colour);
  fill({x + size.width - across, y, {across, size.height}}, colour);
}

void Canvas::line(Point from, Point to, Colour colour) {
  if (!finite(from) || !finite(to)) return;
  const Segment whole{{near(from.x), near(from.y)}, {near(to.x), near(to.y)}};
  const auto part = clipped(whole, size_of(picture_), 2.0 * thickness_);
  if (!part) return;
  cv::Mat mat = mat_of(picture_);
  cv::line(mat, fixed(part->from), fixed(part->to), scalar_of(colour), thickness_, cv::LINE_AA,
           kShift);
}

void Canvas::dot(Point at, Colour colour) {
  const int radius = thickness_ + 1;
  const bool seen = finite(at) && at.x > -radius && at.y > -radius &&
                    at.x < picture_.width() + radius && at.y < picture_.height() + radius;
  if (!seen) return;
  cv::Mat mat = mat_of(picture_);
  cv::circle(mat, fixed(at), radius << kShift, scalar_of(colour), cv::FILLED, cv::LINE_AA, kShift);
}

void Canvas::mask(const Region& region, std::span<const std::uint8_t> mask, Colour colour) {
  const Region inside = intersection(region, size_of(picture_));
  if (inside.size.width == 0) return;
  const auto width = static_cast<std::size_t>(inside.size.width);
  for (int y = inside.y; y < inside.y + inside.size.height; ++y) {
    const auto stride = static_cast<std::size_t>(region.size.width);
    const std::uint8_t* in = mask.data() + static_cast<std::size_t>(y - region.y) * stride +
                             static_cast<std::size_t>(inside.x - region.x);
    std::uint8_t* out =
        picture_.pixels().data() +
        3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(picture_.width()) +
             static_cast<std::size_t>(inside.x));
    for (std::size_t x = 0; x < width; ++x, out += 3) {
      if (in[x] == 0) continue;
      out[0] = half(out[0], colour.red);
      out[1] = half(out[1], colour.green);
      out[2] = half(out[2], colour.blue);
    }
  }
}

void Canvas::label(const Box& box, std::string_view utf8, Colour colour) {
  if (!finite(box.from) || !finite(box.to)) return;
  const std::string text = to_ascii(utf8, kLongestLabel);
  if (text.empty()) return;
  const double scale = std::max(0.4, thickness_ / 3.0);
  const int pen = std::max(1, thickness_ - 1);
  int below = 0;  // the line that letters stand on
  const cv::Size letters = cv::getTextSize(text, kFont, scale, pen, &below);
  const Size ground{letters.width + 2 * pen, letters.height + below + 2 * pen};

  const Region about = pixels_of(box);
  const bool seen = about.x < picture_.width() && about.y < picture_.height() &&
                    about.x + about.size.width > 0 && about.y + about.size.height > 0;
  if (!seen) return;
  const int x = std::max(0, std::min(about.x, picture_.width() - ground.width));
  const int above = about.y - ground.height;
  const int y = above >= 0 ? above : std::max(0, about.y);
  fill({x, y, ground}, colour);
  cv::Mat mat = mat_of(picture_);
  cv::putText(mat, text, {x + pen, y + pen + letters.height}, kFont, scale,
              scalar_of(text_colour_on(colour)), pen, cv::LINE_AA);
}

}  // namespace npu::media
