#include <algorithm>
#include <cmath>
#include <limits>

#include "vision/head.hpp"

namespace npu::vision {
namespace {

using Values = std::span<const float>;

constexpr int kBinsOfEdge = 16;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

float sigmoid(float x) { return 1.F / (1.F + std::exp(-x)); }

// How scores are written. `least`: the threshold as they are, so that nothing below it is computed.
struct Scores {
  bool logits = false;
  float least = 0;

  static Scores of(bool logits, float threshold) {
    if (!logits) return {false, threshold};
    if (threshold <= 0) return {true, -kInfinity};
    if (threshold >= 1) return {true, kInfinity};
    return {true, std::log(threshold / (1 - threshold))};
  }
  float operator()(float raw) const { return logits ? sigmoid(raw) : raw; }
};

// Integers are reduced: compilers do not reorder what floats would compare.
int count_outside_unit(Values values) {
  int outside = 0;
  for (const float v : values) outside |= static_cast<int>(v < 0) | static_cast<int>(v > 1);
  return outside;
}

bool are_logits(Values values) {
  constexpr std::size_t kBlock = 4096;
  for (std::size_t at = 0; at < values.size(); at += kBlock) {
    if (count_outside_unit(values.subspan(at, std::min(kBlock, values.size() - at))) != 0) {
      return true;
    }
  }
  return false;
}

bool any_reaches(Values values, float least) {
  int reaches = 0;
  for (const float v : values) reaches |= static_cast<int>(v >= least);
  return reaches != 0;
}

// The index of the greatest; 0 where all are NaN.
int best_of(Values values) {
  int best = 0;
  float most = -kInfinity;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(values[i] > most)) continue;
    most = values[i];
    best = static_cast<int>(i);
  }
  return best;
}

Box around(float cx, float cy, float width, float height) {
  return {cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2};
}

// The n values of a cell (or a row) of an output.
Values at(const Output& output, std::size_t cell, std::size_t n) {
  return output.data.subspan(cell * n, n);
}

// The expected value of a softmax.
float expected(Values bins) {
  const float most = *std::ranges::max_element(bins);
  float sum = 0;
  float weighted = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const float share = std::exp(bins[i] - most);
    sum += share;
    weighted += share * static_cast<float>(i);
  }
  return weighted / sum;
}

// Calls visit(level, cell, column, row, stride) for each cell of all grids.
template <class Visit>
void for_each_cell(media::Size input, Visit visit) {
  for (std::size_t level = 0; level < kStrides.size(); ++level) {
    const int columns = input.width / kStrides[level];
    const int rows = input.height / kStrides[level];
    std::size_t cell = 0;
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        visit(level, cell++, static_cast<float>(column), static_cast<float>(row),
              static_cast<float>(kStrides[level]));
      }
    }
  }
}

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

  bool any_logits(int Level::* part) const {
    return std::ranges::any_of(
        head.levels, [&](const Level& level) { return are_logits(of(outputs, level.*part).data); });
  }

  void boxes() const {
    const Values rows = outputs.front().data;
    const auto live = [&](Values row) { return row[4] >= threshold && row[5] >= 0; };
    // A box in pixels that ends within the first two would be smaller than anything is found.
    float farthest = 0;
    for (std::size_t i = 0; i + 6 <= rows.size(); i += 6) {
      const Values row = rows.subspan(i, 6);
      if (live(row) && std::isfinite(row[2]) && std::isfinite(row[3])) {
        farthest = std::max({farthest, row[2], row[3]});
      }
    }
    const bool pixels = farthest > 2;
    const float x = pixels ? 1 : static_cast<float>(input.width);
    const float y = pixels ? 1 : static_cast<float>(input.height);
    for (std::size_t i = 0; i + 6 <= rows.size(); i += 6) {
      const Values row = rows.subspan(i, 6);
      if (!live(row) || row[5] >= kMaxClasses) continue;
      found.add(
          {{row[0] * x, row[1] * y, row[2] * x, row[3] * y}, row[4], static_cast<int>(row[5])});
    }
  }

  void dfl() const {
    const Scores score = Scores::of(any_logits(&Level::scores), threshold);
    for_each_cell(
        input, [&](std::size_t level, std::size_t cell, float column, float row, float s) {
          const Level& parts = head.levels[level];
          const Values scores = at(of(outputs, parts.scores), cell, classes());
          if (!any_reaches(scores, score.least)) return;
          const Values bins = at(of(outputs, parts.boxes), cell, std::size_t{4} * kBinsOfEdge);
          float edge[4];
          for (std::size_t i = 0; i < 4; ++i) {
            edge[i] = expected(bins.subspan(i * kBinsOfEdge, kBinsOfEdge)) * s;
          }
          const float x = (column + 0.5F) * s;
          const float y = (row + 0.5F) * s;
          add({x - edge[0], y - edge[1], x + edge[2], y + edge[3]}, score, scores);
        });
  }

  void decoded() const {
    const Values all = of(outputs, head.levels.front().boxes).data;
    const std::size_t n = all.size() / planes();
    const auto plane = [&](std::size_t i) { return all.subspan(i * n, n); };
    constexpr std::size_t kBlock = 512;
    for (std::size_t begin = 0; begin < n; begin += kBlock) {
      const std::size_t count = std::min(kBlock, n - begin);
      float best[kBlock];
      int label[kBlock];
      std::fill_n(best, count, -kInfinity);
      std::fill_n(label, count, 0);
      for (std::size_t c = 0; c < classes(); ++c) {
        const float* scores = plane(4 + c).data() + begin;
        for (std::size_t i = 0; i < count; ++i) {
          const bool better = scores[i] > best[i];
          best[i] = better ? scores[i] : best[i];
          label[i] = better ? static_cast<int>(c) : label[i];
        }
      }
      for (std::size_t i = 0; i < count; ++i) {
        if (!(best[i] >= threshold)) continue;
        const auto value = [&](std::size_t p) { return plane(p)[begin + i]; };
        found.add({around(value(0), value(1), value(2), value(3)), best[i], label[i]});
      }
    }
  }

  void yolov5() const {
    const Values rows = outputs.front().data;
    const std::size_t width = 5 + classes();
    for (std::size_t i = 0; i + width <= rows.size(); i += width) {
      const Values row = rows.subspan(i, width);
      if (row[4] >= threshold) {
        add_product(around(row[0], row[1], row[2], row[3]), {}, row[4], row.subspan(5));
      }
    }
  }

  void yolov5_grids() const {
    constexpr float kAnchor[3][3][2] = {{{10, 13}, {16, 30}, {33, 23}},
                                        {{30, 61}, {62, 45}, {59, 119}},
                                        {{116, 90}, {156, 198}, {373, 326}}};
    const Scores score = Scores::of(any_logits(&Level::boxes), threshold);
    const std::size_t width = 5 + classes();
    for_each_cell(
        input, [&](std::size_t level, std::size_t cell, float column, float row, float s) {
          const Values anchors = at(of(outputs, head.levels[level].boxes), cell, 3 * width);
          for (std::size_t a = 0; a < 3; ++a) {
            const Values t = anchors.subspan(a * width, width);
            if (!(t[4] >= score.least)) continue;
            const auto side = [&](std::size_t i) {
              const float twice = 2 * score(t[2 + i]);
              return twice * twice * kAnchor[level][a][i];
            };
            add_product(around((2 * score(t[0]) + column - 0.5F) * s,
                               (2 * score(t[1]) + row - 0.5F) * s, side(0), side(1)),
                        score, t[4], t.subspan(5));
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
    std::size_t whole_row = 0;
    for_each_cell(input,
                  [&](std::size_t level, std::size_t cell, float column, float row, float s) {
                    Values box;
                    Values object;
                    Values scores;
                    if (head.grids) {
                      const Level& parts = head.levels[level];
                      box = at(of(outputs, parts.boxes), cell, 4);
                      object = at(of(outputs, parts.objectness), cell, 1);
                      scores = at(of(outputs, parts.scores), cell, classes());
                    } else {
                      box = at(outputs.front(), whole_row++, width);
                      object = box.subspan(4, 1);
                      scores = box.subspan(5);
                    }
                    if (!(object[0] >= score.least)) return;
                    add_product(around((box[0] + column) * s, (box[1] + row) * s,
                                       std::exp(box[2]) * s, std::exp(box[3]) * s),
                                score, object[0], scores);
                  });
  }

 private:
  std::size_t planes() const {
    const auto& shape = of(outputs, head.levels.front().boxes).shape;
    return static_cast<std::size_t>(shape[shape.size() - 2]);
  }

  void add(const Box& box, const Scores& score, Values scores) const {
    const int label = best_of(scores);
    const float raw = scores[static_cast<std::size_t>(label)];
    if (std::isfinite(raw)) found.add({box, score(raw), label});
  }

  void add_product(const Box& box, const Scores& score, float object, Values scores) const {
    const int label = best_of(scores);
    const float raw = scores[static_cast<std::size_t>(label)];
    const float product = score(object) * score(raw);
    if (std::isfinite(object) && std::isfinite(raw) && product >= threshold) {
      found.add({box, product, label});
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
  }
}

}  // namespace npu::vision
