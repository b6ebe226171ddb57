#include "services/depth/depth_map.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "media/blocks.hpp"

namespace npu::depth {
namespace {

struct Plane {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t step = 1;  // elements between neighbours
};

Result<Plane> find_plane(Shape shape) {
  std::erase(shape, 1);
  if (shape.size() == 3 && shape[0] == 3) return Plane{shape[1], shape[2], 1};
  if (shape.size() == 3) return Plane{shape[0], shape[1], shape[2]};
  if (shape.size() == 2) return Plane{shape[0], shape[1], 1};
  return fail(ErrorCode::kInternal, "the model's output is not a map");
}

template <class T>
void copy_plane(const TensorView& output, const Plane& plane, media::FloatMap& map) {
  const std::byte* from = output.data.data();
  const auto step = static_cast<std::size_t>(plane.step) * sizeof(T);
  for (float& value : map.values) {
    T element{};
    std::memcpy(&element, from, sizeof(T));
    value = static_cast<float>(element);
    from += step;
  }
}

constexpr int kHalfBits = 16;
constexpr std::size_t kHalf = std::size_t{1} << kHalfBits;

// A number that is larger where the value is.
std::uint32_t order_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return (bits >> 31) != 0 ? ~bits : bits | 0x80000000U;
}
float value_of(std::uint32_t order) {
  return std::bit_cast<float>((order >> 31) != 0 ? order & 0x7fffffffU : ~order);
}

// Where the rank-th of what is counted stands; `rank` becomes the one within that place.
std::uint32_t place_of(std::uint64_t& rank, std::span<const std::uint32_t> histogram) {
  std::uint32_t place = 0;
  while (rank >= histogram[place]) rank -= histogram[place++];
  return place;
}

}  // namespace

Result<media::FloatMap> plane_of(const TensorView& output) {
  const auto plane = find_plane(output.shape);
  if (!plane) return fail(plane.error());
  constexpr std::int64_t kMaxPlaneSide = 1 << 15;
  if (plane->height < 1 || plane->width < 1 || plane->height > kMaxPlaneSide ||
      plane->width > kMaxPlaneSide) {
    return fail(ErrorCode::kInternal, "the model's output has an impossible size");
  }
  media::FloatMap map{static_cast<int>(plane->width), static_cast<int>(plane->height), {}};
  map.values.resize(static_cast<std::size_t>(plane->height * plane->width));
  switch (output.dtype) {
    case DType::kFloat32: copy_plane<float>(output, *plane, map); break;
    case DType::kUint8: copy_plane<std::uint8_t>(output, *plane, map); break;
    case DType::kInt8: copy_plane<std::int8_t>(output, *plane, map); break;
    case DType::kUint16: copy_plane<std::uint16_t>(output, *plane, map); break;
    case DType::kInt16: copy_plane<std::int16_t>(output, *plane, map); break;
    default: return fail(ErrorCode::kInternal, "the model's output has an unknown dtype");
  }
  return map;
}

void represent(media::FloatMap& map, Representation representation) {
  if (representation == Representation::kInverse) return;
  for (float& x : map.values) {
    const float sigmoid = 1.0F / (1.0F + std::exp(-x));
    x = 1.0F / (10.0F * sigmoid + 0.009F);
  }
}

DepthMap::DepthMap(const media::FloatMap& plane, media::Size picture)
    : rows_(plane, picture.width, picture.height), histogram_(kHalf) {
  low_ = std::numeric_limits<float>::infinity();
  high_ = -low_;
  // Neighbours are alike: two counters, so that one does not wait for the other.
  std::array<std::vector<std::uint32_t>, 2> counters{histogram_, histogram_};
  std::size_t turn = 0;
  each_value([&](float value) {
    low_ = value < low_ ? value : low_;
    high_ = value > high_ ? value : high_;
    ++counters[turn ^= 1][order_of(value) >> kHalfBits];
  });
  for (std::size_t i = 0; i < kHalf; ++i) {
    histogram_[i] = counters[0][i] + counters[1][i];
    count_ += histogram_[i];
  }
}

// Of those that are numbers, as they are before normalize().
template <class OnValue>
void DepthMap::each_value(OnValue on_value) const {
  std::vector<float> row(static_cast<std::size_t>(rows_.width()));
  for (int y = 0; y < rows_.height(); ++y) {
    rows_.row(y, row);
    for (const float value : row) {
      if (!std::isnan(value)) on_value(value);
    }
  }
}

void DepthMap::normalize() { unit_ = high_ > low_; }

void DepthMap::row(int y, std::span<float> out) const {
  if (unit_) return unit_row(y, out);
  rows_.row(y, out);
}

void DepthMap::unit_row(int y, std::span<float> out) const {
  rows_.row(y, out);
  if (!(high_ > low_)) return;
  const float range = high_ - low_;
  const auto unit = [range, low = low_, values = out.data()](std::size_t i) {
    return (values[i] - low) / range;
  };
  media::fill_in_blocks(out.data(), out.size(), unit);
}

Stats DepthMap::stats() const {
  if (count_ == 0) return {};
  // The percentile by its bits: the upper half, then the lower one.
  auto rank = static_cast<std::uint64_t>(0.95 * static_cast<double>(count_ - 1));
  const std::uint32_t upper = place_of(rank, histogram_);
  std::vector<std::uint32_t> lower_bits(kHalf);
  double sum = 0;
  std::uint64_t count = 0;
  each_value([&](float value) {
    const std::uint32_t order = order_of(value);
    if (order >> kHalfBits < upper) {
      sum += value;
      ++count;
    } else if (order >> kHalfBits == upper) {
      ++lower_bits[order & (kHalf - 1)];
    }
  });
  const std::uint32_t lower = place_of(rank, lower_bits);
  for (std::uint32_t bits = 0; bits <= lower; ++bits) {  // equal ones beyond the rank count too
    if (lower_bits[bits] == 0) continue;
    sum += static_cast<double>(value_of(upper << kHalfBits | bits)) * lower_bits[bits];
    count += lower_bits[bits];
  }
  const float p95 = value_of(upper << kHalfBits | lower);
  Stats stats{.min = low_, .max = p95, .mean = sum / static_cast<double>(count), .p95 = p95};
  if (!unit_) return stats;
  const double range = static_cast<double>(high_) - low_;
  for (double* value : {&stats.min, &stats.max, &stats.mean, &stats.p95}) {
    *value = (*value - low_) / range;
  }
  return stats;
}

}  // namespace npu::depth
