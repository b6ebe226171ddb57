#include "services/depth/depth_map.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

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

void normalize(media::FloatMap& map) {
  float low = std::numeric_limits<float>::infinity();
  float high = -low;
  for (const float value : map.values) {
    low = value < low ? value : low;
    high = value > high ? value : high;
  }
  if (!(high > low)) return;
  const float range = high - low;
  for (float& value : map.values) value = (value - low) / range;
}

Stats stats_of(const media::FloatMap& map) {
  std::vector<float> values;
  values.reserve(map.values.size());
  std::ranges::copy_if(map.values, std::back_inserter(values),
                       [](float v) { return !std::isnan(v); });
  if (values.empty()) return {};
  const auto rank = static_cast<std::ptrdiff_t>(0.95 * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, values.begin() + rank);
  Stats stats{.min = values[0], .p95 = values[static_cast<std::size_t>(rank)]};
  stats.max = stats.p95;
  double sum = 0;
  for (std::ptrdiff_t i = 0; i <= rank; ++i) {
    const double value = values[static_cast<std::size_t>(i)];
    stats.min = std::min(stats.min, value);
    sum += value;
  }
  std::ptrdiff_t count = rank + 1;
  for (std::size_t i = static_cast<std::size_t>(count); i < values.size(); ++i) {
    if (values[i] > stats.p95) continue;  // equal ones beyond the rank count too
    sum += values[i];
    ++count;
  }
  stats.mean = sum / static_cast<double>(count);
  return stats;
}

}  // namespace npu::depth
