#include <algorithm>
#include <cmath>

#include "vision/head.hpp"
#include "vision/scores.hpp"

namespace npu::vision {
namespace {

constexpr int kBinsOfEdge = 16;

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
    for (std::size_t level = 0; level < kStrides.size(); ++level) {
      const Values scores = of(outputs, head.levels[level].scores).data;
      std::size_t next = next_reaching(scores, 0, score.least);
      while (next < scores.size()) {
        const std::size_t cell = next / classes();
        dfl_cell(level, cell, score);
        next = next_reaching(scores, (cell + 1) * classes(), score.least);
      }
    }
  }

  void decoded() const {
    const Values all = of(outputs, head.levels.front().boxes).data;
    const std::size_t n = all.size() / planes();
    for (std::size_t begin = 0; begin < n; begin += kBlock) {
      const float* first = all.data() + begin;
      const std::size_t count = std::min(kBlock, n - begin);
      float most[kBlock];
      std::ranges::fill(most, -kInfinity);
      for (std::size_t c = 0; c < classes(); ++c) {
        if (count == kBlock) {
          raise(most, first + (4 + c) * n, kBlock);
        } else {
          raise(most, first + (4 + c) * n, count);
        }
      }
      for (std::size_t i = 0; i < count; ++i) {
        if (most[i] >= threshold) decoded_column(first + i, n, most[i]);
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
  void dfl_cell(std::size_t level, std::size_t cell, const Scores& score) const {
    const Level& parts = head.levels[level];
    const Values bins = at(of(outputs, parts.boxes), cell, std::size_t{4} * kBinsOfEdge);
    const auto stride = static_cast<float>(kStrides[level]);
    float edge[4];
    for (std::size_t i = 0; i < 4; ++i) {
      edge[i] = expected(bins.subspan(i * kBinsOfEdge, kBinsOfEdge)) * stride;
    }
    const auto columns = static_cast<std::size_t>(input.width / kStrides[level]);
    const std::size_t row = cell / columns;
    const float x = (static_cast<float>(cell - row * columns) + 0.5F) * stride;
    const float y = (static_cast<float>(row) + 0.5F) * stride;
    add({x - edge[0], y - edge[1], x + edge[2], y + edge[3]}, score,
        at(of(outputs, parts.scores), cell, classes()));
  }

  // column: its first value; the others follow at a distance of n.
  void decoded_column(const float* column, std::size_t n, float score) const {
    int label = 0;
    while (column[(4 + static_cast<std::size_t>(label)) * n] != score) ++label;
    found.add({around(column[0], column[n], column[2 * n], column[3 * n]), score, label});
  }

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
