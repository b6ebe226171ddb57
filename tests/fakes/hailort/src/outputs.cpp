#include "outputs.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "device/sim/fill.hpp"

namespace hailo_fake {
namespace sim = npu::device::sim;

namespace {

template <class Q>
Q quantised(float value, const hailo_quant_info_t& quant) {
  const float steps = std::nearbyint(value / quant.qp_scale + quant.qp_zp);
  return static_cast<Q>(std::clamp(steps, 0.F, static_cast<float>(std::numeric_limits<Q>::max())));
}

// Values as the core has them: 8 or 16 bit numbers.
template <class Q>
std::vector<Q> core_values(const OutputPlan& plan, std::uint64_t sum, std::size_t count) {
  std::vector<Q> values(count);
  if (plan.stream.spec.dtype != npu::DType::kFloat32) {
    sim::fill(plan.fill, sum, plan.stream.index,
              {plan.stream.spec.dtype, {}, std::as_writable_bytes(std::span(values))});
    return values;
  }
  const bool all_equal =
      plan.fill.mode == sim::Fill::Mode::kChecksum || plan.fill.mode == sim::Fill::Mode::kConstant;
  std::vector<float> real(all_equal ? 1 : count);
  sim::fill(plan.fill, sum, plan.stream.index,
            {npu::DType::kFloat32, {}, std::as_writable_bytes(std::span(real))});
  if (all_equal && plan.stream.feature_quants.empty()) {
    std::ranges::fill(values, quantised<Q>(real.front(), plan.stream.quant));
    return values;
  }
  if (all_equal) real.resize(count, real.front());
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = quantised<Q>(real[i], plan.stream.quant_of(i));
  }
  return values;
}

template <class T, class Q>
void write_as(const std::vector<Q>& values, const Stream& stream, std::span<std::uint8_t> out) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    T value{};
    if constexpr (std::is_same_v<T, float>) {
      const auto& quant = stream.quant_of(i);
      value = (static_cast<float>(values[i]) - quant.qp_zp) * quant.qp_scale;
    } else {
      value = static_cast<T>(values[i]);
    }
    std::memcpy(out.data() + i * sizeof(T), &value, sizeof(T));
  }
}

template <class Q>
void render_plain(const OutputPlan& plan, std::uint64_t sum, std::span<std::uint8_t> out) {
  const auto& shape = plan.stream.shape;
  const std::size_t count = std::size_t{shape.height} * shape.width * shape.features;
  const auto values = core_values<Q>(plan, sum, count);
  switch (plan.format.type) {
    case HAILO_FORMAT_TYPE_FLOAT32: return write_as<float>(values, plan.stream, out);
    case HAILO_FORMAT_TYPE_UINT16: return write_as<std::uint16_t>(values, plan.stream, out);
    default: return write_as<std::uint8_t>(values, plan.stream, out);
  }
}

}  // namespace

void render(const OutputPlan& plan, std::uint64_t sum, std::optional<sim::WrongValue> wrong,
            std::span<std::uint8_t> out) {
  if (wrong) {
    std::memset(out.data(), *wrong == sim::WrongValue::kNan ? 0xFF : 0, out.size());
  } else if (plan.stream.is_nms()) {
    render_boxes(plan, out);
  } else if (plan.stream.format.type == HAILO_FORMAT_TYPE_UINT8) {
    render_plain<std::uint8_t>(plan, sum, out);
  } else {
    render_plain<std::uint16_t>(plan, sum, out);
  }
}

}  // namespace hailo_fake
