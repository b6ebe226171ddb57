#include "media/resize.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
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

std::uint8_t round_to_byte(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

template <int kChannels>
void shrink_row(const std::uint8_t* in, std::uint8_t* out, int out_width, const Filter& filter,
                const std::vector<std::int32_t>& weights) {
  for (int x = 0; x < out_width; ++x) {
    const auto index = static_cast<std::size_t>(x);
    const std::int32_t* weight = weights.data() + index * static_cast<std::size_t>(filter.taps);
    const std::uint8_t* sample = in + static_cast<std::ptrdiff_t>(filter.first[index]) * kChannels;
    std::int32_t sums[kChannels];
    std::fill_n(sums, kChannels, 1 << (kPrecisionBits - 1));
    for (int k = 0; k < filter.count[index]; ++k, sample += kChannels) {
      for (int c = 0; c < kChannels; ++c) sums[c] += sample[c] * weight[k];
    }
    for (int c = 0; c < kChannels; ++c) out[x * kChannels + c] = round_to_byte(sums[c]);
  }
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

// Rows of 8-bit samples in memory.
struct Rows {
  const std::uint8_t* first = nullptr;
  std::size_t stride = 0;

  const std::uint8_t* row(int y) const { return first + static_cast<std::size_t>(y) * stride; }
};

// The columns `part` of the whole width, of the rows from..to of the source.
std::vector<std::uint8_t> narrow_rows(const Image& source, int from, int to,
                                      const ResizedPart& wanted) {
  const int channels = source.channels();
  const Region& part = wanted.part;
  const Filter filter(source.width(), wanted.whole.width, part.x, part.size.width,
                      kernel_of(wanted.how));
  const auto weights = filter.fixed_point();
  const auto in_stride = static_cast<std::size_t>(source.width() * channels);
  const auto stride = static_cast<std::size_t>(part.size.width * channels);
  std::vector<std::uint8_t> narrow(stride * static_cast<std::size_t>(to - from));
  for (int y = from; y < to; ++y) {
    const std::uint8_t* in = source.pixels().data() + static_cast<std::size_t>(y) * in_stride;
    std::uint8_t* out = narrow.data() + static_cast<std::size_t>(y - from) * stride;
    (channels == 1 ? shrink_row<1> : shrink_row<3>)(in, out, part.size.width, filter, weights);
  }
  return narrow;
}

// rows: the filter's input positions from `first_row` on.
void add_up_rows(const Rows& rows, int first_row, const Filter& filter, std::span<std::uint8_t> out,
                 std::size_t stride, std::size_t row_bytes) {
  const auto weights = filter.fixed_point();
  std::vector<std::int32_t> sums(row_bytes);
  for (std::size_t y = 0; y < filter.first.size(); ++y) {
    std::ranges::fill(sums, 1 << (kPrecisionBits - 1));
    for (int k = 0; k < filter.count[y]; ++k) {
      const std::int32_t weight =
          weights[y * static_cast<std::size_t>(filter.taps) + static_cast<std::size_t>(k)];
      const std::uint8_t* row = rows.row(filter.first[y] + k - first_row);
      std::int32_t* sum = sums.data();
      for (std::size_t i = 0; i < row_bytes; ++i) sum[i] += row[i] * weight;
    }
    std::ranges::transform(sums, out.data() + y * stride, round_to_byte);
  }
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
  const Region& part = wanted.part;
  const auto channels = static_cast<std::size_t>(source.channels());
  const std::size_t row_bytes = static_cast<std::size_t>(part.size.width) * channels;
  const bool all_rows = wanted.whole.height == source.height();
  std::optional<Filter> filter;
  int from = part.y;
  int to = part.y + part.size.height;
  if (!all_rows) {
    filter.emplace(source.height(), wanted.whole.height, part.y, part.size.height,
                   kernel_of(wanted.how));
    from = filter->first.front();
    to = filter->first.back() + filter->count.back();
  }
  std::vector<std::uint8_t> narrow;
  Rows rows{.stride = static_cast<std::size_t>(source.width()) * channels};
  rows.first = source.pixels().data() + static_cast<std::size_t>(from) * rows.stride +
               static_cast<std::size_t>(part.x) * channels;
  if (wanted.whole.width != source.width()) {
    narrow = narrow_rows(source, from, to, wanted);
    rows = {.first = narrow.data(), .stride = row_bytes};
  }
  if (filter) return add_up_rows(rows, from, *filter, out, stride, row_bytes);
  for (int y = 0; y < part.size.height; ++y) {
    std::copy_n(rows.row(y), row_bytes, out.data() + static_cast<std::size_t>(y) * stride);
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
