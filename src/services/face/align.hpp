// Faces cut out upright and of one size, as networks that recognise them want it.
#pragma once

#include <optional>

#include "media/image.hpp"
#include "services/face/finder.hpp"

namespace npu::face {

inline constexpr int kAlignedSide = 112;  // pixels

// Where ArcFace's networks expect the five points, in kAlignedSide x kAlignedSide.
inline constexpr Points kTemplate{{{38.2946, 51.6963},
                                   {73.5318, 51.5014},
                                   {56.0252, 71.7366},
                                   {41.5493, 92.3655},
                                   {70.7299, 92.2041}}};

// p -> (a x - b y + left, b x + a y + top): rotated, of another size, moved; never mirrored.
struct Similarity {
  double a = 1;
  double b = 0;
  double left = 0;
  double top = 0;

  kit::Point operator()(kit::Point p) const {
    return {a * p.x - b * p.y + left, b * p.x + a * p.y + top};
  }
  double scale() const;
};

// The one that brings `from` nearest to `to`: least squares, as of Umeyama (1991), in closed form
// because two dimensions are complex numbers. Nothing where the points are one point or not finite.
std::optional<Similarity> fit_similarity(const Points& from, const Points& to);

// Of a face without points: the square around its box, of the longer side.
Similarity square_of(const kit::Box& box);

// The face as `onto` moves it, bilinear, black outside of the picture. A face that is more than
// twice as large is averaged down first. Takes time.
media::Image cut_out(const media::Image& picture, const Similarity& onto);

}  // namespace npu::face
