#include "vision/reading_order.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <utility>

namespace npu::vision {
namespace {

using Indices = std::vector<std::size_t>;

constexpr double kGutter = 0.8;     // least width of what parts columns, in heights of a line
constexpr double kTextLike = 2.5;   // least median width of a column's regions, in heights
constexpr std::size_t kFewest = 3;  // regions of a column
// Between columns of many long lines, as newspapers have, less of a gutter will do: gaps between
// words do not lie below each other so often.
constexpr double kNarrowGutter = 0.3;
constexpr double kLongLines = 6;
constexpr std::size_t kMany = 6;
constexpr double kMostAcross = 0.34;  // share of regions that may lie across a gutter
constexpr double kSameLine = 0.5;     // overlap of the heights of what is on one line
constexpr int kDeepest = 8;

class Page {
 public:
  explicit Page(std::span<const media::Box> boxes) : boxes_(boxes) {}

  std::vector<ReadBlock> order() {
    Indices all(boxes_.size());
    std::iota(all.begin(), all.end(), 0U);
    part(all, 0);
    return std::move(blocks_);
  }

 private:
  double left(std::size_t i) const { return boxes_[i].from.x; }
  double right(std::size_t i) const { return boxes_[i].to.x; }
  double top(std::size_t i) const { return boxes_[i].from.y; }
  double bottom(std::size_t i) const { return boxes_[i].to.y; }
  double middle(std::size_t i) const { return (top(i) + bottom(i)) / 2; }
  double height(std::size_t i) const { return bottom(i) - top(i); }

  static double median(std::vector<double> values) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, at);
    return *at;
  }
  template <class Of>
  double median_of(const Indices& some, Of of) const {
    std::vector<double> values;
    values.reserve(some.size());
    for (const std::size_t i : some) values.push_back(of(i));
    return median(std::move(values));
  }

  struct Split {
    Indices left;
    Indices right;
    Indices across;
  };

  Split split_at(const Indices& some, double x) const {
    Split split;
    for (const std::size_t i : some) {
      (right(i) <= x ? split.left : left(i) >= x ? split.right : split.across).push_back(i);
    }
    return split;
  }

  // Lines of text, several of them, beside others.
  bool is_column(const Indices& some, double line, std::size_t fewest = kFewest,
                 double text_like = kTextLike) const {
    return some.size() >= fewest &&
           median_of(some, [&](std::size_t i) { return right(i) - left(i); }) >= text_like * line;
  }
  bool beside(const Indices& one, const Indices& other) const {
    const auto least = [&](const Indices& some) {
      return std::ranges::min(some, {}, [&](std::size_t i) { return top(i); });
    };
    const auto most = [&](const Indices& some) {
      return std::ranges::max(some, {}, [&](std::size_t i) { return bottom(i); });
    };
    const double common = std::min(bottom(most(one)), bottom(most(other))) -
                          std::max(top(least(one)), top(least(other)));
    const double shorter =
        std::min(bottom(most(one)) - top(least(one)), bottom(most(other)) - top(least(other)));
    return common >= shorter / 2;
  }

  // How wide the gutter between the two is; 0 where it may be one between words.
  double gutter_of(const Split& split, std::size_t count, double line) const {
    if (static_cast<double>(split.across.size()) > kMostAcross * static_cast<double>(count)) {
      return 0;
    }
    if (!is_column(split.left, line) || !is_column(split.right, line)) return 0;
    const double from =
        right(std::ranges::max(split.left, {}, [&](std::size_t i) { return right(i); }));
    const double to =
        left(std::ranges::min(split.right, {}, [&](std::size_t i) { return left(i); }));
    const bool long_lines = is_column(split.left, line, kMany, kLongLines) &&
                            is_column(split.right, line, kMany, kLongLines);
    const double least = (long_lines ? kNarrowGutter : kGutter) * line;
    return to - from >= least && beside(split.left, split.right) ? to - from : 0;
  }

  // At the widest gutter of those with the fewest regions across; of equals the leftmost.
  std::optional<Split> columns_of(const Indices& some) const {
    if (some.size() < 2 * kFewest) return std::nullopt;
    const double line = median_of(some, [&](std::size_t i) { return height(i); });
    std::vector<double> edges;
    edges.reserve(2 * some.size());
    for (const std::size_t i : some) edges.insert(edges.end(), {left(i), right(i)});
    std::ranges::sort(edges);
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    std::optional<Split> best;
    double widest = 0;
    for (const double x : edges) {
      Split split = split_at(some, x);
      if (best && split.across.size() > best->across.size()) continue;
      const double wide = gutter_of(split, some.size(), line);
      const bool fewer = !best || split.across.size() < best->across.size();
      if (wide > 0 && (fewer || wide > widest)) {
        best = std::move(split);
        widest = wide;
      }
    }
    return best;
  }

  void part(const Indices& some, int depth) {
    auto columns = depth < kDeepest ? columns_of(some) : std::nullopt;
    if (!columns) return add_block(some);
    std::ranges::sort(columns->across, {}, [&](std::size_t i) { return middle(i); });
    // Between two that go across, what is left and what is right of the gutter.
    const auto take_above = [&](Indices& from, double y) {
      const auto rest = std::ranges::partition(from, [&](std::size_t i) { return middle(i) >= y; });
      Indices taken(rest.begin(), rest.end());
      from.erase(rest.begin(), rest.end());
      return taken;
    };
    Indices together;
    for (const std::size_t i : columns->across) {
      const Indices on_left = take_above(columns->left, middle(i));
      const Indices on_right = take_above(columns->right, middle(i));
      if (!on_left.empty() || !on_right.empty()) {
        add_block(std::exchange(together, {}));
        part_side(on_left, depth);
        part_side(on_right, depth);
      }
      together.push_back(i);
    }
    add_block(std::move(together));
    part_side(columns->left, depth);
    part_side(columns->right, depth);
  }

  void part_side(const Indices& some, int depth) {
    if (!some.empty()) part(some, depth + 1);
  }

  bool on_line(std::size_t i, std::size_t line) const {
    const double common = std::min(bottom(i), bottom(line)) - std::max(top(i), top(line));
    return common > kSameLine * std::min(height(i), height(line));
  }

  void add_block(Indices some) {
    if (some.empty()) return;
    std::ranges::sort(some, {}, [&](std::size_t i) { return middle(i); });
    ReadBlock block;
    for (const std::size_t i : some) {
      if (block.empty() || !on_line(i, block.back().back())) block.emplace_back();
      block.back().push_back(i);
    }
    for (ReadLine& line : block) {
      std::ranges::sort(line, {}, [&](std::size_t i) { return left(i); });
    }
    blocks_.push_back(std::move(block));
  }

  std::span<const media::Box> boxes_;
  std::vector<ReadBlock> blocks_;
};

}  // namespace

std::vector<ReadBlock> reading_order(std::span<const media::Box> boxes) {
  return Page(boxes).order();
}

}  // namespace npu::vision
