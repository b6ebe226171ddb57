#include "vision/mask_field.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <numeric>
#include <utility>

#include "media/blocks.hpp"
#include "vision/scores.hpp"

namespace npu::vision {
namespace {

constexpr float kInside = 0.5F;

struct Span {
  int begin = 0;
  int end = 0;
};

// Pixels of a picture whose middle lies in from..to of the input.
Span pixels_between(float from, float to, float origin, float scale, int length) {
  const auto edge = [&](float at) {
    const double pixel = std::ceil((static_cast<double>(at) - origin) / scale - 0.5);
    return static_cast<int>(std::clamp(pixel, 0.0, static_cast<double>(length)));
  };
  return {edge(from), edge(to)};
}

// Along one side: the field's sample, counted in fractions, at a pixel's middle.
struct Line {
  double at_zero;
  double per_pixel;

  static Line of(float origin, float scale, float first, float step) {
    return {(origin + 0.5 * scale - first) / step - 0.5, static_cast<double>(scale) / step};
  }
  double sample_at(int pixel) const { return at_zero + per_pixel * pixel; }
  double pixel_at(double sample) const { return (sample - at_zero) / per_pixel; }
};

// The runs of one column of pixels, from the samples along it.
class Column {
 public:
  Column(const Line& line, Span rows, std::uint32_t first, RleBuilder& out)
      : line_(line), rows_(rows), first_(first), out_(out) {}

  // inside_of: 1 for each sample above one half, else 0.
  void trace(std::span<const float> samples, std::span<const std::uint8_t> inside_of) {
    const int last = static_cast<int>(samples.size()) - 1;
    const auto sample_before = [&](int pixel) {
      return std::clamp(static_cast<int>(std::floor(line_.sample_at(pixel))), 0, last);
    };
    const int from = sample_before(rows_.begin);
    const int to = std::min(sample_before(rows_.end - 1) + 1, last);
    int begin = rows_.begin;
    bool inside = inside_of[static_cast<std::size_t>(from)] != 0;
    for (int i = last_alike(inside_of, from, to); i < to; i = last_alike(inside_of, i + 1, to)) {
      const float here = at(samples, i);
      const float next = at(samples, i + 1);
      const double crossing = line_.pixel_at(i + (kInside - here) / (next - here));
      // What is just one half is outside.
      const double edge = inside ? std::ceil(crossing) : std::floor(crossing) + 1;
      const int pixel = std::clamp(static_cast<int>(edge), rows_.begin, rows_.end);
      if (inside) add(begin, pixel);
      begin = pixel;
      inside = !inside;
    }
    if (inside) add(begin, rows_.end);
  }

 private:
  // Of the samples that follow `from` without a change, the last; at most `to`.
  static int last_alike(std::span<const std::uint8_t> inside_of, int from, int to) {
    const std::uint8_t* const all = inside_of.data();
    const void* other = nullptr;
    if (from < to) {
      other = std::memchr(all + from, 1 - all[from], static_cast<std::size_t>(to - from) + 1);
    }
    if (other == nullptr) return to;
    return static_cast<int>(static_cast<const std::uint8_t*>(other) - all) - 1;
  }
  static float at(std::span<const float> samples, int i) {
    return samples[static_cast<std::size_t>(i)];
  }
  void add(int begin, int end) {
    out_.add(first_ + static_cast<std::uint32_t>(begin), first_ + static_cast<std::uint32_t>(end));
  }

  const Line& line_;
  Span rows_;
  std::uint32_t first_;
  RleBuilder& out_;
};

// The samples along a column of pixels that lies between two of the field, and which are above one
// half.
void between(const MaskField& field, double sample, std::vector<float>& out,
             std::vector<std::uint8_t>& inside) {
  const double inner = std::clamp(sample, 0.0, static_cast<double>(field.columns - 1));
  const auto left = static_cast<std::size_t>(inner);
  const auto rows = static_cast<std::size_t>(field.rows);
  const auto share = static_cast<float>(inner - static_cast<double>(left));
  const float* a = field.values.data() + left * rows;
  const float* b = share > 0 ? a + rows : a;
  media::fill_in_blocks(out.data(), rows,
                        [=](std::size_t i) { return a[i] + share * (b[i] - a[i]); });
  media::fill_in_blocks(inside.data(), rows, [values = out.data()](std::size_t i) {
    return static_cast<std::uint8_t>(values[i] > kInside);
  });
}

// Of `count` samples along a side of `length` pixels, those that are near from..to.
Span samples_near(float from, float to, int count, int length) {
  const float step = static_cast<float>(length) / static_cast<float>(count);
  const auto near = [&](float at, int more) {
    const float sample = std::clamp(at / step - 0.5F, -1.F, static_cast<float>(count));
    return std::clamp(static_cast<int>(std::floor(sample)) + more, 0, count);
  };
  const int begin = std::min(near(from, 0), count - 1);
  return {begin, std::max(near(to, 2), begin + 1)};
}

float sure(float logit) {
  const float value = sigmoid(logit);
  return value >= 0 ? value : 0;  // not where it is no number
}

// In lanes, for which the compiler uses vectors.
float product(const float* values, std::span<const float> weights) {
  constexpr std::size_t kLanes = 8;
  float lanes[kLanes]{};
  std::size_t i = 0;
  for (; i + kLanes <= weights.size(); i += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) lanes[k] += values[i + k] * weights[i + k];
  }
  for (std::size_t k = 0; i < weights.size(); ++i, ++k) lanes[k] += values[i] * weights[i];
  return std::accumulate(std::begin(lanes), std::end(lanes), 0.F);
}

}  // namespace

Rle pixels_inside(const MaskField& field, const Box& box, const PictureInInput& where) {
  RleBuilder runs(where.picture);
  const Span columns =
      pixels_between(box.left, box.right, where.left, where.scale_x, where.picture.width);
  const Span rows =
      pixels_between(box.top, box.bottom, where.top, where.scale_y, where.picture.height);
  if (rows.begin >= rows.end || field.values.empty()) return std::move(runs).finish();
  const Line across = Line::of(where.left, where.scale_x, field.left, field.step_x);
  const Line down = Line::of(where.top, where.scale_y, field.top, field.step_y);
  std::vector<float> samples(static_cast<std::size_t>(field.rows));
  std::vector<std::uint8_t> inside(samples.size());
  for (int x = columns.begin; x < columns.end; ++x) {
    between(field, across.sample_at(x), samples, inside);
    const auto first =
        static_cast<std::uint32_t>(x) * static_cast<std::uint32_t>(where.picture.height);
    Column(down, rows, first, runs).trace(samples, inside);
  }
  return std::move(runs).finish();
}

Prototypes::Prototypes(const Output& output, bool channels_last)
    : channels_last_(channels_last), data_(output.data) {
  const auto shape = output.shape.last(3);
  count_ = static_cast<std::size_t>(shape[channels_last ? 2 : 0]);
  rows_ = static_cast<int>(shape[channels_last ? 0 : 1]);
  columns_ = static_cast<int>(shape[channels_last ? 1 : 2]);
}

Prototypes::Sums Prototypes::sums_from(std::size_t first, std::size_t count,
                                       std::span<const float> coefficients) const {
  const std::size_t area = static_cast<std::size_t>(rows_) * static_cast<std::size_t>(columns_);
  Sums sums{};
  if (channels_last_) {
    const float* sample = data_.data() + first * count_;
    for (std::size_t i = 0; i < count; ++i, sample += count_) {
      sums[i] = product(sample, coefficients);
    }
    return sums;
  }
  for (std::size_t k = 0; k < count_; ++k) {
    const float* const plane = data_.data() + k * area + first;
    const float weight = coefficients[k];
    if (count == kTogether) {
      for (std::size_t i = 0; i < kTogether; ++i) sums[i] += weight * plane[i];
    } else {
      for (std::size_t i = 0; i < count; ++i) sums[i] += weight * plane[i];
    }
  }
  return sums;
}

MaskField Prototypes::field(std::span<const float> coefficients, const Box& box,
                            media::Size input) const {
  const Span x = samples_near(box.left, box.right, columns_, input.width);
  const Span y = samples_near(box.top, box.bottom, rows_, input.height);
  MaskField field{.columns = x.end - x.begin, .rows = y.end - y.begin};
  field.step_x = static_cast<float>(input.width) / static_cast<float>(columns_);
  field.step_y = static_cast<float>(input.height) / static_cast<float>(rows_);
  field.left = static_cast<float>(x.begin) * field.step_x;
  field.top = static_cast<float>(y.begin) * field.step_y;
  const auto rows = static_cast<std::size_t>(field.rows);
  field.values.resize(static_cast<std::size_t>(field.columns) * rows);
  const std::size_t width = static_cast<std::size_t>(columns_);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t line = (static_cast<std::size_t>(y.begin) + row) * width;
    for (auto begin = static_cast<std::size_t>(x.begin); begin < static_cast<std::size_t>(x.end);
         begin += kTogether) {
      // Whole blocks wherever the row has one: what lies before `begin` is not used then.
      const std::size_t first = width < kTogether ? 0 : std::min(begin, width - kTogether);
      const Sums sums = sums_from(line + first, std::min(kTogether, width - first), coefficients);
      const std::size_t end = std::min(begin + kTogether, static_cast<std::size_t>(x.end));
      for (std::size_t i = begin; i < end; ++i) {
        const std::size_t column = i - static_cast<std::size_t>(x.begin);
        field.values[column * rows + row] = sure(sums[i - first]);
      }
    }
  }
  return field;
}

MaskField field_of_bytes(std::span<const std::uint8_t> bytes, int columns, int rows,
                         const Box& box) {
  MaskField field{.columns = columns, .rows = rows, .left = box.left, .top = box.top};
  field.values.resize(bytes.size());
  const auto width = static_cast<std::size_t>(columns);
  const auto height = static_cast<std::size_t>(rows);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      field.values[x * height + y] = bytes[y * width + x] != 0 ? 1.F : 0.F;
    }
  }
  return field;
}

}  // namespace npu::vision
