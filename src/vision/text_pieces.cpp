#include "vision/text_pieces.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include <opencv2/imgproc.hpp>

#include "vision/least_rectangle.hpp"

namespace npu::vision {
namespace {

constexpr double kALine = 1.5;    // so much longer than high is what has a direction
constexpr double kBeside = 0.25;  // of the height: how far middles of pieces lie apart across it
constexpr double kLeastHeight = 0.6;  // of a piece, in heights of the other
constexpr double kMostHeight = 1.6;
constexpr double kMostOverlap = 1.2;  // in heights: what lies within another is no end of it

// Along and across a line, from its middle.
class Line {
 public:
  explicit Line(const Quad& quad) {
    media::Point along{quad[1].x - quad[0].x, quad[1].y - quad[0].y};
    length_ = width_of(quad);
    height_ = height_of(quad);
    if (height_ > length_) {
      std::swap(length_, height_);
      along = {quad[3].x - quad[0].x, quad[3].y - quad[0].y};
    }
    if (length_ > 0) along_ = {along.x / length_, along.y / length_};
    middle_ = {(quad[0].x + quad[2].x) / 2, (quad[0].y + quad[2].y) / 2};
  }

  double length() const { return length_; }
  double height() const { return height_; }

  bool goes_on_in(const Quad& other) const {
    if (length_ < kALine * height_) return false;
    const auto first = place(other[0]);
    media::Box box{first, first};
    for (const media::Point& corner : other) {
      const auto at = place(corner);
      box.from = {std::min(box.from.x, at.x), std::min(box.from.y, at.y)};
      box.to = {std::max(box.to.x, at.x), std::max(box.to.y, at.y)};
    }
    const double high = box.to.y - box.from.y;
    const double overlap = std::min(box.to.x + length_ / 2, length_ / 2 - box.from.x);
    return high >= kLeastHeight * height_ && high <= kMostHeight * height_ &&
           std::abs(box.from.y + box.to.y) <= 2 * kBeside * height_ && overlap > 0 &&
           overlap <= kMostOverlap * height_;
  }

 private:
  media::Point place(const media::Point& at) const {
    const double dx = at.x - middle_.x;
    const double dy = at.y - middle_.y;
    return {dx * along_.x + dy * along_.y, dy * along_.x - dx * along_.y};
  }

  media::Point middle_;
  media::Point along_{1, 0};
  double length_ = 0;
  double height_ = 0;
};

// Which of them are one, by the number of the first.
class Groups {
 public:
  explicit Groups(std::size_t count) : of_(count) { std::iota(of_.begin(), of_.end(), 0U); }

  std::size_t of(std::size_t i) {
    while (of_[i] != i) i = of_[i] = of_[of_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) { of_[std::max(of(a), of(b))] = std::min(of(a), of(b)); }

 private:
  std::vector<std::size_t> of_;
};

TextRegion around(const std::vector<const TextRegion*>& pieces) {
  std::vector<cv::Point2f> corners;
  double score = 0;
  double length = 0;
  for (const TextRegion* piece : pieces) {
    for (const media::Point& corner : piece->quad) {
      corners.emplace_back(static_cast<float>(corner.x), static_cast<float>(corner.y));
    }
    const double weight = std::max(width_of(piece->quad), height_of(piece->quad));
    score += piece->score * weight;
    length += weight;
  }
  return {upright(cv::minAreaRect(corners)),
          length > 0 ? static_cast<float>(score / length) : pieces.front()->score};
}

}  // namespace

std::vector<TextRegion> join_pieces(const std::vector<TextRegion>& regions) {
  std::vector<Line> lines;
  lines.reserve(regions.size());
  for (const TextRegion& region : regions) lines.emplace_back(region.quad);
  Groups groups(regions.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (std::size_t k = i + 1; k < lines.size(); ++k) {
      const bool longer = lines[i].length() >= lines[k].length();
      const Line& line = longer ? lines[i] : lines[k];
      if (line.goes_on_in(regions[longer ? k : i].quad)) groups.join(i, k);
    }
  }
  std::vector<std::vector<const TextRegion*>> pieces(regions.size());
  for (std::size_t i = 0; i < regions.size(); ++i) pieces[groups.of(i)].push_back(&regions[i]);
  std::vector<TextRegion> joined;
  for (const auto& some : pieces) {
    if (!some.empty()) joined.push_back(some.size() == 1 ? *some.front() : around(some));
  }
  return joined;
}

}  // namespace npu::vision
