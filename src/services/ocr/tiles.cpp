#include "services/ocr/tiles.hpp"

#include <algorithm>
#include <cmath>

namespace npu::ocr {
namespace {

// A picture that would be shrunken to no less than this, to be seen in one part, is.
constexpr double kRatherWhole = 0.6;
// Small pictures are enlarged, at most by this.
constexpr double kMostEnlarged = 2;

int rounded_up(int length, int step) { return (length + step - 1) / step * step; }

int scaled(int length, double by) {
  return std::max(1, static_cast<int>(std::lround(length * by)));
}

// A tile along one direction.
struct Span {
  int from = 0;
  int size = 0;  // of the picture, at most the input
  int trust_from = 0;
  int trust_to = 0;
};

std::vector<Span> spans(int length, int input, int overlap) {
  if (length <= input) return {{0, length, 0, length}};
  const int stride = std::max(1, input - overlap);
  const int count = (length - overlap + stride - 1) / stride;
  std::vector<Span> all(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::int64_t>(length - input) * i / (count - 1);
    all[static_cast<std::size_t>(i)] = {static_cast<int>(at), input, 0, length};
  }
  for (std::size_t i = 1; i < all.size(); ++i) {
    const int border = (all[i].from + all[i - 1].from + input) / 2;
    all[i - 1].trust_to = border;
    all[i].trust_from = border;
  }
  return all;
}

TilePlan parted(media::Size resized, media::Size input, int overlap) {
  TilePlan plan{.resized = resized, .tiles = {}};
  for (const Span& row : spans(resized.height, input.height, overlap)) {
    for (const Span& column : spans(resized.width, input.width, overlap)) {
      plan.tiles.push_back(
          {.input = input,
           .part = {column.from, row.from, {column.size, row.size}},
           .trust = {column.trust_from,
                     row.trust_from,
                     {column.trust_to - column.trust_from, row.trust_to - row.trust_from}}});
    }
  }
  return plan;
}

TilePlan of_one_size(media::Size picture, const Detector& detector, const TileRules& rules) {
  const double longer = std::max(picture.width, picture.height);
  const double parts = std::min(1.0, rules.max_side / longer);
  const double whole = std::min({kMostEnlarged, rules.max_side / longer,
                                 detector.input.width / static_cast<double>(picture.width),
                                 detector.input.height / static_cast<double>(picture.height)});
  const double by = whole >= kRatherWhole * parts ? whole : parts;
  media::Size resized{scaled(picture.width, by), scaled(picture.height, by)};
  return parted(resized, detector.input, std::min(rules.overlap, detector.input.height / 2));
}

TilePlan of_free_sides(media::Size picture, const Detector& detector, const TileRules& rules) {
  const double longer = std::max(picture.width, picture.height);
  const double by = std::min(rules.enlarge, rules.max_side / longer);
  const int most = std::max(
      detector.step, std::min(rules.tile_side, detector.max_side) / detector.step * detector.step);
  // What fits into one part is stretched by less than a step, so that nothing is left over.
  const auto side = [&](int length) {
    const int resized = scaled(length, by);
    return resized <= most ? rounded_up(resized, detector.step) : resized;
  };
  const media::Size resized{side(picture.width), side(picture.height)};
  const auto input = [&](int length) {
    if (length <= most) return length;
    const int overlap = std::min(rules.overlap, most / 2);
    const int count = (length - overlap + most - overlap - 1) / (most - overlap);
    return std::min(
        most, rounded_up((length + (count - 1) * overlap + count - 1) / count, detector.step));
  };
  return parted(resized, {input(resized.width), input(resized.height)},
                std::min(rules.overlap, most / 2));
}

}  // namespace

TilePlan plan_tiles(media::Size picture, const Detector& detector, const TileRules& rules) {
  return detector.step == 0 ? of_one_size(picture, detector, rules)
                            : of_free_sides(picture, detector, rules);
}

}  // namespace npu::ocr
