#include <algorithm>
#include <cmath>

#include "vision/anchors.hpp"
#include "vision/head.hpp"
#include "vision/scores.hpp"

namespace npu::vision {
namespace {

const Output& of(std::span<const Output> outputs, int index) {
  return outputs[static_cast<std::size_t>(index)];
}

struct Decoder {
  const Head& head;
  std::span<const Output> outputs;
  media::Size input;
  float threshold;
  Candidates& found;

  std::size_t classes() const { return static_cast<std::size_t>(head.classes); }
  std::size_t extra() const { return static_cast<std::size_t>(head.extra); }

  bool any_logits(int Level::* part) const {
    return std::ranges::any_of(
        head.levels, [&](const Level& level) { return are_logits(of(outputs, level.*part).data); });
  }

  // Not those of what lies behind the scores.
  bool any_logits_in_rows(std::size_t width) const {
    if (extra() == 0) return any_logits(&Level::boxes);
    return std::ranges::any_of(head.levels, [&](const Level& level) {
      const Values all = of(outputs, level.boxes).data;
      for (std::size_t i = 0; i + width <= all.size(); i += width) {
        if (are_logits(all.subspan(i, width - extra()))) return true;
      }
      return false;
    });
  }

  void boxes() const {
    const Values rows = of(outputs, head.levels.front().boxes).data;
    const std::size_t width = 6 + extra();
    const auto live = [&](Values row) { return row[4] >= threshold && row[5] >= 0; };
    // A box in pixels that ends within the first two would be smaller than anything is found.
    float farthest = 0;
    for (std::size_t i = 0; i + width <= rows.size(); i += width) {
      const Values row = rows.subspan(i, width);
      if (live(row) && std::isfinite(row[2]) && std::isfinite(row[3])) {
        farthest = std::max({farthest, row[2], row[3]});
      }
    }
    const bool pixels = farthest > 2;
    const float x = pixels ? 1 : static_cast<float>(input.width);
    const float y = pixels ? 1 : static_cast<float>(input.height);
    for (std::size_t i = 0; i + width <= rows.size(); i += width) {
      const Values row = rows.subspan(i, width);
      if (!live(row) || row[5] >= kMaxClasses) continue;
      found.add({{row[0] * x, row[1] * y, row[2] * x, row[3] * y},
                 row[4],
                 static_cast<int>(row[5]),
                 static_cast<std::uint32_t>(i / width)});
    }
  }

  void dfl() const {
    const Scores score = Scores::of(any_logits(&Level::scores), threshold);
    for (std::size_t level = 0; level < kStrides.size(); ++level) {
      const Values scores = of(outputs, head.levels[level].scores).data;
      std::size_t next = next_reaching(scores, 0, score.least);
      while (next < scores.size()) {
        const std::size_t cell = next / classes();
        dfl_cell(anchor_in(level, cell, input), first_anchor_of(level, input) + cell, score);
        next = next_reaching(scores, (cell + 1) * classes(), score.least);
      }
    }
  }

  void decoded() const {
    const Values all = of(outputs, head.levels.front().boxes).data;
    const std::size_t n = all.size() / planes();
    for (std::size_t begin = 0; begin < n; begin += kBlock) {
      const std::size_t count = std::min(kBlock, n - begin);
      float most[kBlock];
      std::ranges::fill(most, -kInfinity);
      const float* scores = all.data() + begin + 4 * n;
      if (count == kBlock) {
        raise(most, scores, n, classes(), BlockCount{});
      } else {
        raise(most, scores, n, classes(), count);
      }
      const Values reached(most, count);
      for (std::size_t i = next_reaching(reached, 0, threshold); i < count;
           i = next_reaching(reached, i + 1, threshold)) {
        decoded_column(all, begin + i, n, most[i]);
      }
    }
  }

  void yolov5() const {
    const Values rows = of(outputs, head.levels.front().boxes).data;
    const std::size_t width = 5 + classes() + extra();
    for (std::size_t i = 0; (i + 1) * width <= rows.size(); ++i) {
      const Values row = rows.subspan(i * width, width);
      if (row[4] >= threshold) {
        add_product(box_around(row[0], row[1], row[2], row[3]), {}, row[4],
                    row.subspan(5, classes()), i);
      }
    }
  }

  void yolov5_grids() const {
    constexpr float kAnchor[3][3][2] = {{{10, 13}, {16, 30}, {33, 23}},
                                        {{30, 61}, {62, 45}, {59, 119}},
                                        {{116, 90}, {156, 198}, {373, 326}}};
    const std::size_t width = 5 + classes() + extra();
    const Scores score = Scores::of(any_logits_in_rows(width), threshold);
    std::size_t index = 0;
    for_each_anchor(input, [&](const Anchor& at) {
      const Values three = values_at(of(outputs, head.levels[at.level].boxes), at.cell, 3 * width);
      for (std::size_t a = 0; a < 3; ++a, ++index) {
        const Values t = three.subspan(a * width, width);
        if (!(t[4] >= score.least)) continue;
        const auto side = [&](std::size_t i) {
          const float twice = 2 * score(t[2 + i]);
          return twice * twice * kAnchor[at.level][a][i];
        };
        add_product(box_around((2 * score(t[0]) + at.column - 0.5F) * at.stride,
                               (2 * score(t[1]) + at.row - 0.5F) * at.stride, side(0), side(1)),
                    score, t[4], t.subspan(5, classes()), index);
      }
    });
  }

  // Objectness and classes of either layout.
  void yolox() const {
    Scores score{false, threshold};
    if (head.grids) {
      score = Scores::of(any_logits(&Level::objectness) || any_logits(&Level::scores), threshold);
    }
    const std::size_t width = 5 + classes();
    std::size_t index = 0;
    for_each_anchor(input, [&](const Anchor& at) {
      Values box;
      Values object;
      Values scores;
      if (head.grids) {
        const Level& parts = head.levels[at.level];
        box = values_at(of(outputs, parts.boxes), at.cell, 4);
        object = values_at(of(outputs, parts.objectness), at.cell, 1);
        scores = values_at(of(outputs, parts.scores), at.cell, classes());
      } else {
        box = values_at(outputs.front(), index, width);
        object = box.subspan(4, 1);
        scores = box.subspan(5);
      }
      const std::size_t source = index++;
      if (!(object[0] >= score.least)) return;
      add_product(box_around((box[0] + at.column) * at.stride, (box[1] + at.row) * at.stride,
                             std::exp(box[2]) * at.stride, std::exp(box[3]) * at.stride),
                  score, object[0], scores, source);
    });
  }

  void ssd() const {
    const Level& parts = head.levels.front();
    const Values edges = of(outputs, parts.boxes).data;
    const Values labels = of(outputs, parts.labels).data;
    const Values scores = of(outputs, parts.scores).data;
    const float count = of(outputs, parts.count).data.front();
    const auto width = static_cast<float>(input.width);
    const auto height = static_cast<float>(input.height);
    for (std::size_t i = 0; i < scores.size() && static_cast<float>(i) < count; ++i) {
      const float label = labels[i];
      if (!(scores[i] >= threshold && label >= 1 && label <= kMaxClasses)) continue;
      const Values edge = edges.subspan(4 * i, 4);
      found.add({{edge[1] * width, edge[0] * height, edge[3] * width, edge[2] * height},
                 scores[i],
                 static_cast<int>(label) - 1,
                 static_cast<std::uint32_t>(i)});
    }
  }

 private:
  void dfl_cell(const Anchor& anchor, std::size_t source, const Scores& score) const {
    const Level& parts = head.levels[anchor.level];
    const Box box =
        dfl_box(anchor, values_at(of(outputs, parts.boxes), anchor.cell, std::size_t{kBoxBins}));
    const Values scores = values_at(of(outputs, parts.scores), anchor.cell, classes());
    const int label = best_of(scores);
    const float raw = scores[static_cast<std::size_t>(label)];
    if (std::isfinite(raw)) found.add({box, score(raw), label, static_cast<std::uint32_t>(source)});
  }

  // n: of columns, at which distance the values of one follow each other.
  void decoded_column(Values all, std::size_t source, std::size_t n, float score) const {
    const float* column = all.data() + source;
    int label = 0;
    while (column[(4 + static_cast<std::size_t>(label)) * n] != score) ++label;
    found.add({box_around(column[0], column[n], column[2 * n], column[3 * n]), score, label,
               static_cast<std::uint32_t>(source)});
  }

  std::size_t planes() const {
    const auto& shape = of(outputs, head.levels.front().boxes).shape;
    return static_cast<std::size_t>(shape[shape.size() - 2]);
  }

  void add_product(const Box& box, const Scores& score, float object, Values scores,
                   std::size_t source) const {
    const int label = best_of(scores);
    const float raw = scores[static_cast<std::size_t>(label)];
    const float product = score(object) * score(raw);
    if (std::isfinite(object) && std::isfinite(raw) && product >= threshold) {
      found.add({box, product, label, static_cast<std::uint32_t>(source)});
    }
  }
};

}  // namespace

void decode(const Head& head, std::span<const Output> outputs, media::Size input, float threshold,
            Candidates& found) {
  const Decoder decoder{head, outputs, input, threshold, found};
  switch (head.kind) {
    case HeadKind::kBoxes: return decoder.boxes();
    case HeadKind::kDfl: return decoder.dfl();
    case HeadKind::kDecoded: return decoder.decoded();
    case HeadKind::kYolov5: return head.grids ? decoder.yolov5_grids() : decoder.yolov5();
    case HeadKind::kYolox: return decoder.yolox();
    case HeadKind::kSsd: return decoder.ssd();
  }
}

}  // namespace npu::vision
