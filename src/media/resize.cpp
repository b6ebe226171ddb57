#include "media/resize.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "media/blocks.hpp"

namespace npu::media {
namespace {

// 8-bit sums are kept in 32 bits: 8 for the sample, 2 for overshoot, the rest for the weights.
constexpr int kPrecisionBits = 32 - 8 - 2;

double triangle(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

double cubic(double x) {
  constexpr double kA = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * kA;
  return 0.0;
}

struct Kernel {
  double (*at)(double x);
  double support;
};

Kernel kernel_of(Resample how) {
  if (how == Resample::kBicubic) return {cubic, 2.0};
  return {triangle, 1.0};
}

// For output positions, one after the other, the input positions that count, and how much.
struct Filter {
  int taps = 0;  // weights a position; unused ones are behind count
  std::vector<int> first;
  std::vector<int> count;
  std::vector<double> weights;

  // Of the out_size positions those from `from` on, `positions` of them.
  Filter(int in_size, int out_size, int from, int positions, Kernel kernel) {
    const double scale = static_cast<double>(in_size) / out_size;
    const double widen = std::max(scale, 1.0);
    const double support = kernel.support * widen;
    taps = static_cast<int>(std::ceil(support)) * 2 + 1;
    const auto outputs = static_cast<std::size_t>(positions);
    first.resize(outputs);
    count.resize(outputs);
    weights.assign(outputs * static_cast<std::size_t>(taps), 0.0);
    // NOLINTBEGIN(bugprone-incorrect-roundings): as Pillow rounds
    for (int i = 0; i < positions; ++i) {
      const double center = (from + i + 0.5) * scale;
      const int begin = std::max(0, static_cast<int>(center - support + 0.5));
      const int end = std::min(in_size, static_cast<int>(center + support + 0.5));
      double* weight = weights.data() + static_cast<std::ptrdiff_t>(i) * taps;
      double sum = 0;
      for (int k = begin; k < end; ++k) {
        weight[k - begin] = kernel.at((k - center + 0.5) * (1.0 / widen));
        sum += weight[k - begin];
      }
      if (sum != 0) std::for_each(weight, weight + (end - begin), [&](double& w) { w /= sum; });
      first[static_cast<std::size_t>(i)] = begin;
      count[static_cast<std::size_t>(i)] = end - begin;
    }
    // NOLINTEND(bugprone-incorrect-roundings)
  }
  // All positions.
  Filter(int in_size, int out_size) : Filter(in_size, out_size, 0, out_size, {triangle, 1.0}) {}

  std::vector<std::int32_t> fixed_point() const {
    std::vector<std::int32_t> out(weights.size());
    std::ranges::transform(weights, out.begin(), [](double weight) {
      // NOLINTNEXTLINE(bugprone-incorrect-roundings): as Pillow rounds
      return static_cast<std::int32_t>((weight < 0 ? -0.5 : 0.5) + weight * (1 << kPrecisionBits));
    });
    return out;
  }
};

constexpr std::int32_t kHalf = 1 << (kPrecisionBits - 1);

std::uint8_t round_to_byte(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

// The sums of a pixel have names, so that they stay in registers.
void shrink_grey(const std::uint8_t* sample, const std::int32_t* weight, int count,
                 std::uint8_t* out) {
  std::int32_t sum = kHalf;
  for (int k = 0; k < count; ++k) sum += sample[k] * weight[k];
  *out = round_to_byte(sum);
}

void shrink_rgb(const std::uint8_t* sample, const std::int32_t* weight, int count,
                std::uint8_t* out) {
  std::int32_t red = kHalf;
  std::int32_t green = kHalf;
  std::int32_t blue = kHalf;
  for (int k = 0; k < count; ++k, sample += 3) {
    red += sample[0] * weight[k];
    green += sample[1] * weight[k];
    blue += sample[2] * weight[k];
  }
  out[0] = round_to_byte(red);
  out[1] = round_to_byte(green);
  out[2] = round_to_byte(blue);
}

// In blocks of a fixed size, for which the compiler uses vectors.
void add_row(std::span<const std::uint8_t> row, std::span<std::uint16_t> sums) {
  constexpr std::size_t kBlock = 64;
  std::size_t i = 0;
  for (; i + kBlock <= row.size(); i += kBlock) {
    const std::uint8_t* in = row.data() + i;
    std::uint16_t* out = sums.data() + i;
    for (std::size_t k = 0; k < kBlock; ++k) out[k] = static_cast<std::uint16_t>(out[k] + in[k]);
  }
  for (; i < row.size(); ++i) sums[i] = static_cast<std::uint16_t>(sums[i] + row[i]);
}

class ImageRows final : public RowSource {
 public:
  explicit ImageRows(const Image& image)
      : next_(image.pixels().data()),
        stride_(static_cast<std::size_t>(image.width() * image.channels())) {}

  const std::uint8_t* next() override { return std::exchange(next_, next_ + stride_); }

 private:
  const std::uint8_t* next_;
  std::size_t stride_;
};

// A part of a source's columns, made narrower row by row when they are asked for: no second picture
// is held.
class NarrowRows {
 public:
  // width: of the source. kept: how many rows there are of at a time.
  NarrowRows(RowSource& source, int width, int channels, const ResizedPart& wanted, int kept)
      : source_(source),
        channels_(channels),
        left_(static_cast<std::size_t>(wanted.part.x * channels)),
        stride_(static_cast<std::size_t>(wanted.part.size.width * channels)),
        kept_(kept),
        rows_(stride_ * static_cast<std::size_t>(kept)) {
    if (wanted.whole.width == width) return;
    filter_.emplace(width, wanted.whole.width, wanted.part.x, wanted.part.size.width,
                    kernel_of(wanted.how));
    weights_ = filter_->fixed_point();
  }

  std::size_t row_bytes() const { return stride_; }

  // y: after all before, or one of the last `kept` that were asked for. Valid until `kept` further
  // ones have been.
  const std::uint8_t* row(int y) {
    if (y >= next_) {
      for (; next_ < y; ++next_) source_.next();
      make(source_.next());
      ++next_;
    }
    return made(y);
  }

 private:
  std::uint8_t* made(int y) { return rows_.data() + static_cast<std::size_t>(y % kept_) * stride_; }

  void make(const std::uint8_t* in) {
    std::uint8_t* out = made(next_);
    if (!filter_) {
      std::copy_n(in + left_, stride_, out);
    } else if (channels_ == 1) {
      shrink<shrink_grey>(in, out);
    } else {
      shrink<shrink_rgb>(in, out);
    }
  }

  template <auto kShrinkPixel>
  void shrink(const std::uint8_t* in, std::uint8_t* out) {
    const std::int32_t* weight = weights_.data();
    for (std::size_t x = 0; x < filter_->first.size(); ++x) {
      kShrinkPixel(in + static_cast<std::ptrdiff_t>(filter_->first[x]) * channels_, weight,
                   filter_->count[x], out);
      weight += filter_->taps;
      out += channels_;
    }
  }

  RowSource& source_;
  int channels_;
  std::size_t left_;
  std::size_t stride_;
  int kept_;
  std::vector<std::uint8_t> rows_;
  std::optional<Filter> filter_;
  std::vector<std::int32_t> weights_;
  int next_ = 0;  // of the source
};

// `size` bytes, each the sum of what lies in its column. In blocks of a fixed size, for which the
// compiler uses vectors.
void add_up(std::span<const std::uint8_t* const> rows, const std::int32_t* weights,
            std::uint8_t* out, std::size_t size) {
  constexpr std::size_t kBlock = 32;
  const auto add = [&](std::size_t from, auto count) {
    std::int32_t sums[kBlock];
    std::fill_n(sums, kBlock, kHalf);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const std::uint8_t* in = rows[k] + from;
      const std::int32_t weight = weights[k];
      for (std::size_t i = 0; i < count; ++i) sums[i] += in[i] * weight;
    }
    for (std::size_t i = 0; i < count; ++i) out[from + i] = round_to_byte(sums[i]);
  };
  std::size_t from = 0;
  for (; from + kBlock <= size; from += kBlock) {
    add(from, std::integral_constant<std::size_t, kBlock>{});
  }
  if (from < size) add(from, size - from);
}

}  // namespace

Image resize(const Image& source, int width, int height, Resample how) {
  Image out(width, height, source.channels());
  const Size whole{width, height};
  resize_into(source, {whole, {0, 0, whole}, how}, out.pixels(),
              static_cast<std::size_t>(width * source.channels()));
  return out;
}

void resize_into(const Image& source, int width, int height, std::span<std::uint8_t> out) {
  const Size whole{width, height};
  resize_into(source, {whole, {0, 0, whole}}, out,
              static_cast<std::size_t>(width * source.channels()));
}

void resize_into(const Image& source, const ResizedPart& wanted, std::span<std::uint8_t> out,
                 std::size_t stride) {
  ImageRows rows(source);
  resize_into(rows, {source.width(), source.height()}, source.channels(), wanted, out, stride);
}

void resize_into(RowSource& source, Size size, int channels, const ResizedPart& wanted,
                 std::span<std::uint8_t> out, std::size_t stride) {
  const Region& part = wanted.part;
  const auto height = static_cast<std::size_t>(part.size.height);
  if (wanted.whole.height == size.height) {
    NarrowRows narrow(source, size.width, channels, wanted, 1);
    for (std::size_t y = 0; y < height; ++y) {
      std::copy_n(narrow.row(part.y + static_cast<int>(y)), narrow.row_bytes(),
                  out.data() + y * stride);
    }
    return;
  }
  const Filter filter(size.height, wanted.whole.height, part.y, part.size.height,
                      kernel_of(wanted.how));
  const auto weights = filter.fixed_point();
  const auto taps = static_cast<std::size_t>(filter.taps);
  NarrowRows narrow(source, size.width, channels, wanted, filter.taps);
  std::vector<const std::uint8_t*> rows(taps);
  for (std::size_t y = 0; y < height; ++y) {
    const auto count = static_cast<std::size_t>(filter.count[y]);
    for (std::size_t k = 0; k < count; ++k) {
      rows[k] = narrow.row(filter.first[y] + static_cast<int>(k));
    }
    add_up(std::span(rows).first(count), weights.data() + y * taps, out.data() + y * stride,
           narrow.row_bytes());
  }
}

Image reduce(const Image& source, int by) {
  if (by == 1) return source;
  const auto ceil_of = [by](int size) { return (size + by - 1) / by; };
  const auto channels = static_cast<std::size_t>(source.channels());
  Image out(ceil_of(source.width()), ceil_of(source.height()), source.channels());
  const auto stride = static_cast<std::size_t>(source.width()) * channels;
  const auto square = static_cast<std::size_t>(by) * channels;
  std::vector<std::uint16_t> columns(stride);  // 64 rows of 255 fit
  std::uint8_t* to = out.pixels().data();
  for (int y = 0; y < source.height(); y += by) {
    const int rows = std::min(by, source.height() - y);
    std::ranges::fill(columns, std::uint16_t{0});
    for (int row = y; row < y + rows; ++row) {
      add_row(source.pixels().subspan(static_cast<std::size_t>(row) * stride, stride), columns);
    }
    for (std::size_t x = 0; x < stride; x += square) {
      const std::size_t end = std::min(x + square, stride);
      const auto count =
          static_cast<std::uint32_t>((end - x) / channels) * static_cast<std::uint32_t>(rows);
      for (std::size_t c = 0; c < channels; ++c) {
        std::uint32_t sum = count / 2;
        for (std::size_t i = x + c; i < end; i += channels) sum += columns[i];
        *to++ = static_cast<std::uint8_t>(sum / count);
      }
    }
  }
  return out;
}

ResizedRows::ResizedRows(const FloatMap& source, int width, int height) : width_(width) {
  if (width == source.width) {
    narrow_ = source.values;
  } else {
    const Filter filter(source.width, width);
    const float* in = source.values.data();
    narrow_.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(source.height));
    float* out = narrow_.data();
    for (int y = 0; y < source.height; ++y, in += source.width) {
      for (std::size_t x = 0; x < static_cast<std::size_t>(width); ++x) {
        const double* weight = filter.weights.data() + x * static_cast<std::size_t>(filter.taps);
        double sum = 0;
        for (int k = 0; k < filter.count[x]; ++k) sum += in[filter.first[x] + k] * weight[k];
        *out++ = static_cast<float>(sum);
      }
    }
  }
  const Filter filter(source.height, height);
  rows_.resize(static_cast<std::size_t>(height));
  for (std::size_t y = 0; y < rows_.size(); ++y) {
    if (height == source.height) {
      rows_[y] = {{y, 1.0}};
      continue;
    }
    for (int k = 0; k < filter.count[y]; ++k) {
      const double weight =
          filter.weights[y * static_cast<std::size_t>(filter.taps) + static_cast<std::size_t>(k)];
      if (weight != 0) rows_[y].push_back({static_cast<std::size_t>(filter.first[y] + k), weight});
    }
  }
}

void ResizedRows::row(int y, std::span<float> out) const {
  const auto& sum_of = rows_[static_cast<std::size_t>(y)];
  const auto from = [&](const Weight& weight) { return narrow_.data() + weight.row * out.size(); };
  if (sum_of.size() == 1 && sum_of[0].weight == 1.0) {
    std::copy_n(from(sum_of[0]), out.size(), out.begin());
    return;
  }
  if (sum_of.size() == 2) {  // nearly all rows of a larger map
    const float* a = from(sum_of[0]);
    const float* b = from(sum_of[1]);
    const double of_a = sum_of[0].weight;
    const double of_b = sum_of[1].weight;
    fill_in_blocks(out.data(), out.size(), [a, b, of_a, of_b](std::size_t x) {
      return static_cast<float>(a[x] * of_a + b[x] * of_b);
    });
    return;
  }
  for (std::size_t x = 0; x < out.size(); ++x) {
    double sum = 0;
    for (const Weight& weight : sum_of) sum += from(weight)[x] * weight.weight;
    out[x] = static_cast<float>(sum);
  }
}

FloatMap resize(const FloatMap& source, int width, int height) {
  const ResizedRows rows(source, width, height);
  const auto stride = static_cast<std::size_t>(width);
  FloatMap result{width, height, {}};
  result.values.resize(stride * static_cast<std::size_t>(height));
  for (int y = 0; y < height; ++y) {
    rows.row(y, std::span(result.values).subspan(static_cast<std::size_t>(y) * stride, stride));
  }
  return result;
}

}  // namespace npu::media
