#include "families/embed/pooling.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace npu::families {

std::optional<Pooling> pooling_named(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Pooling>, 4> kNames{{{"mean", Pooling::kMean},
                                                                        {"cls", Pooling::kCls},
                                                                        {"last", Pooling::kLast},
                                                                        {"none", Pooling::kNone}}};
  for (const auto& [known, pooling] : kNames) {
    if (known == name) return pooling;
  }
  return std::nullopt;
}

std::size_t pooled_size(Pooling pooling, std::size_t rows, std::size_t width) {
  return pooling == Pooling::kNone ? rows * width : width;
}

void pool(Pooling pooling, std::span<const float> values, std::size_t width, std::size_t counting,
          std::span<float> out) {
  const auto row = [&](std::size_t index) { return values.subspan(index * width, width); };
  const auto copy = [out](std::span<const float> from) {
    std::copy_n(from.data(), from.size(), out.data());
  };
  switch (pooling) {
    case Pooling::kNone: return copy(values);
    case Pooling::kCls: return copy(row(0));
    case Pooling::kLast: return copy(row(counting - 1));
    case Pooling::kMean: break;
  }
  for (std::size_t i = 0; i < width; ++i) {
    double sum = 0;
    for (std::size_t at = 0; at < counting; ++at) sum += values[at * width + i];
    out[i] = static_cast<float>(sum / static_cast<double>(counting));
  }
}

void normalise(std::span<float> vector) {
  double squares = 0;
  for (const float value : vector) squares += static_cast<double>(value) * value;
  if (squares == 0) return;
  const double length = std::sqrt(squares);
  for (float& value : vector) value = static_cast<float>(value / length);
}

}  // namespace npu::families
