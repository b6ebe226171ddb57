#include "services/depth/depth_map.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

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

// The upper halves of the orders of a row's values: where each stands in a histogram of kHalf
// places. Not-a-number stands at the last one, where no number does.
constexpr std::uint16_t kNoNumber = 0xffff;
void places_of(std::span<const float> values, std::span<std::uint16_t> places) {
  media::fill_in_blocks(places.data(), values.size(), [from = values.data()](std::size_t i) {
    const auto bits = std::bit_cast<std::uint32_t>(from[i]);
    const std::uint32_t sign = 0U - (bits >> 31);
    const std::uint32_t order = bits ^ (sign | 0x80000000U);
    return from[i] == from[i] ? static_cast<std::uint16_t>(order >> kHalfBits) : kNoNumber;
  });
}

// A sum or an extreme in several parts, which the processor works on at once.
constexpr std::size_t kParts = 8;

// The least and the greatest of the numbers.
void take_extremes(std::span<const float> values, float& low, float& high) {
  std::array<float, kParts> lows;   // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::array<float, kParts> highs;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  lows.fill(low);
  highs.fill(high);
  const float* from = values.data();
  const std::size_t whole = values.size() / kParts * kParts;
  for (std::size_t i = 0; i < whole; i += kParts) {
    for (std::size_t k = 0; k < kParts; ++k) {
      lows[k] = from[i + k] < lows[k] ? from[i + k] : lows[k];
      highs[k] = from[i + k] > highs[k] ? from[i + k] : highs[k];
    }
  }
  for (const float value : values.subspan(whole)) {
    lows[0] = value < lows[0] ? value : lows[0];
    highs[0] = value > highs[0] ? value : highs[0];
  }
  low = *std::ranges::min_element(lows);
  high = *std::ranges::max_element(highs);
}

// What stands at the percentile's place is counted by the lower halves of its orders, what stands
// before it is added up.
class UpTo {
 public:
  explicit UpTo(std::uint32_t place)
      : place_(place),
        first_(value_of(place << kHalfBits)),
        last_(value_of(place << kHalfBits | (kHalf - 1))) {}

  void add(std::span<const float> values) {
    const std::size_t whole = values.size() / kBlock * kBlock;
    for (std::size_t i = 0; i < whole; i += kBlock) add_block(values.data() + i);
    for (const float value : values.subspan(whole)) add_one(value);
  }
  double sum() const { return std::accumulate(sums_.begin(), sums_.end(), 0.0); }
  std::span<const std::uint32_t> at_place() const { return at_place_; }

 private:
  static constexpr std::size_t kBlock = 32;

  // Neighbours are alike: most blocks lie whole on one side.
  void add_block(const float* values) {
    unsigned before = 0;
    unsigned behind = 0;
    for (std::size_t k = 0; k < kBlock; ++k) {
      before += values[k] < first_ ? 1U : 0U;
      behind += values[k] > last_ ? 1U : 0U;
    }
    if (behind == kBlock) return;
    if (before == kBlock) {
      for (std::size_t i = 0; i < kBlock; i += kParts) {
        for (std::size_t k = 0; k < kParts; ++k) sums_[k] += static_cast<double>(values[i + k]);
      }
      return;
    }
    for (std::size_t k = 0; k < kBlock; ++k) add_one(values[k]);
  }
  void add_one(float value) {
    if (std::isnan(value)) return;
    const std::uint32_t order = order_of(value);
    if (order >> kHalfBits < place_) sums_[0] += static_cast<double>(value);
    if (order >> kHalfBits == place_) ++at_place_[order & (kHalf - 1)];
  }

  std::uint32_t place_;
  float first_;
  float last_;
  std::array<double, kParts> sums_{};
  std::vector<std::uint32_t> at_place_ = std::vector<std::uint32_t>(kHalf);
};

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
  std::vector<float> row(static_cast<std::size_t>(rows_.width()));
  std::vector<std::uint16_t> places(row.size());
  for (int y = 0; y < rows_.height(); ++y) {
    rows_.row(y, row);
    take_extremes(row, low_, high_);
    places_of(row, places);
    std::uint32_t* even = counters[0].data();
    std::uint32_t* odd = counters[1].data();
    for (const std::uint16_t place : places) {
      ++even[place];
      std::swap(even, odd);
    }
  }
  for (std::size_t i = 0; i < kNoNumber; ++i) {
    histogram_[i] = counters[0][i] + counters[1][i];
    count_ += histogram_[i];
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
  UpTo up_to(upper);
  std::vector<float> row(static_cast<std::size_t>(rows_.width()));
  for (int y = 0; y < rows_.height(); ++y) {
    rows_.row(y, row);
    up_to.add(row);
  }
  double sum = up_to.sum();
  auto count = std::accumulate(histogram_.begin(), histogram_.begin() + upper, std::uint64_t{0});
  const std::span<const std::uint32_t> lower_bits = up_to.at_place();
  const std::uint32_t lower = place_of(rank, lower_bits);
  for (std::uint32_t bits = 0; bits <= lower; ++bits) {  // equal ones beyond the rank count too
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
