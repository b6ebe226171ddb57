#include "device/sim/fill.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace npu::device::sim {
namespace {

constexpr std::size_t kWholeBytes = 512;
constexpr std::size_t kWords = 64;
constexpr std::size_t kWordBytes = 8;

// Calls visit(T{}) with the element type; float16 travels as its bits.
template <class Visit>
void with_type(DType dtype, Visit visit) {
  switch (dtype) {
    case DType::kUint8:
    case DType::kBool: return visit(std::uint8_t{});
    case DType::kInt8: return visit(std::int8_t{});
    case DType::kUint16:
    case DType::kFloat16: return visit(std::uint16_t{});
    case DType::kInt16: return visit(std::int16_t{});
    case DType::kInt32: return visit(std::int32_t{});
    case DType::kInt64: return visit(std::int64_t{});
    case DType::kFloat32: return visit(float{});
    case DType::kFloat64: return visit(double{});
  }
}

template <class T>
std::span<T> elements(const MutableTensorView& out) {
  return {reinterpret_cast<T*>(out.data.data()), out.data.size() / sizeof(T)};
}

std::uint64_t next_random(std::uint64_t& state) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

void fill_noise(std::uint64_t seed, const MutableTensorView& out) {
  std::uint64_t state = seed * 0x9e3779b97f4a7c15 | 1;
  with_type(out.dtype, [&](auto type) {
    using T = decltype(type);
    for (auto& element : elements<T>(out)) {
      const std::uint64_t bits = next_random(state) >> 40;
      if constexpr (std::is_floating_point_v<T>) {
        element = static_cast<T>(bits) / static_cast<T>(1 << 23) - 1;
      } else {
        element = static_cast<T>(bits & 0x7F);
      }
    }
  });
}

}  // namespace

std::uint64_t fnv1a(std::span<const std::byte> bytes, std::uint64_t hash) {
  for (const std::byte byte : bytes) {
    hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3;
  }
  return hash;
}

std::uint64_t checksum(std::string_view stem, std::span<const TensorView> inputs) {
  std::uint64_t hash = fnv1a(std::as_bytes(std::span(stem)), kFnvBasis);
  for (const auto& input : inputs) {
    const auto bytes = input.data;
    if (bytes.size() <= kWholeBytes) {
      hash = fnv1a(bytes, hash);
      continue;
    }
    for (std::size_t i = 0; i < kWords; ++i) {
      hash = fnv1a(bytes.subspan(i * (bytes.size() - kWordBytes) / (kWords - 1), kWordBytes), hash);
    }
  }
  return hash;
}

void fill(const Fill& how, std::uint64_t sum, std::size_t index, const MutableTensorView& out) {
  if (how.mode == Fill::Mode::kNoise) return fill_noise(sum + index, out);
  if (how.mode == Fill::Mode::kBoxes) return fill_boxes(*how.boxes, elements<float>(out));
  if (how.mode == Fill::Mode::kRawHead) {
    return fill_raw_head(*how.raw_head, elements<float>(out));
  }
  if (how.mode == Fill::Mode::kReading) return fill_reading(*how.reading, elements<float>(out));
  if (how.mode == Fill::Mode::kMasks) return fill_masks(*how.boxes, out.data);
  if (how.mode == Fill::Mode::kConstant && how.value == 0) {
    if (!out.data.empty()) std::memset(out.data.data(), 0, out.data.size());
    return;
  }
  const auto v = (sum + 977 * index) % 1000;
  with_type(out.dtype, [&](auto type) {
    using T = decltype(type);
    T value{};
    if (how.mode == Fill::Mode::kConstant) {
      const auto low = static_cast<double>(std::numeric_limits<T>::lowest());
      const auto high = static_cast<double>(std::numeric_limits<T>::max());
      value = static_cast<T>(std::clamp(how.value, low, high));
    } else if constexpr (std::is_floating_point_v<T>) {
      value = static_cast<T>(v) / 1000;
    } else {
      value = static_cast<T>(v % 127);
    }
    std::ranges::fill(elements<T>(out), value);
  });
}

void spoil(WrongValue value, const MutableTensorView& out) {
  if (out.data.empty()) return;
  // All bits set is also a NaN in every floating-point format.
  std::memset(out.data.data(), value == WrongValue::kNan ? 0xFF : 0, out.data.size());
}

}  // namespace npu::device::sim
