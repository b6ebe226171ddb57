// How the tensors of a model look as streams of a HEF.
#include <cmath>

#include <fmt/format.h>

#include "device/sim/yaml_reader.hpp"
#include "hailo/hailort_common.hpp"
#include "hef_file.hpp"

namespace hailo_fake {
namespace sim = npu::device::sim;
using npu::DType;

namespace {

constexpr float kMaxUint8 = 255;
constexpr float kMaxUint16 = 65535;
constexpr float kNoiseSteps16 = 32768;
constexpr float kNoiseSteps8 = 128;

[[noreturn]] void not_in_a_hef(const std::string& what) { throw sim::YamlError(what); }

hailo_3d_image_shape_t shape_of(const npu::TensorSpec& spec) {
  auto shape = spec.shape;
  if (shape.size() > 3 && shape.front() == 1) shape.erase(shape.begin());
  if (shape.empty() || shape.size() > 3) {
    not_in_a_hef(
        fmt::format("{} has {} dimensions; a stream has three", spec.name, spec.shape.size()));
  }
  while (shape.size() < 3) shape.insert(shape.begin(), 1);
  return {static_cast<uint32_t>(shape[0]), static_cast<uint32_t>(shape[1]),
          static_cast<uint32_t>(shape[2])};
}

hailo_format_order_t order_from(const std::string& name, const npu::TensorSpec& spec) {
  if (name.empty()) {
    return spec.shape.size() == 1 ? HAILO_FORMAT_ORDER_NC : HAILO_FORMAT_ORDER_NHWC;
  }
  constexpr std::pair<const char*, hailo_format_order_t> kOrders[] = {
      {"NHWC", HAILO_FORMAT_ORDER_NHWC}, {"NHCW", HAILO_FORMAT_ORDER_NHCW},
      {"FCR", HAILO_FORMAT_ORDER_FCR},   {"NHW", HAILO_FORMAT_ORDER_NHW},
      {"NC", HAILO_FORMAT_ORDER_NC},     {"NCHW", HAILO_FORMAT_ORDER_NCHW},
      {"NV12", HAILO_FORMAT_ORDER_NV12}, {"YUY2", HAILO_FORMAT_ORDER_YUY2},
  };
  for (const auto& [known, order] : kOrders) {
    if (name == known) return order;
  }
  not_in_a_hef("unknown order " + name);
}

// Chosen so that what the simulated device fills in survives.
hailo_quant_info_t quant_for(const sim::Fill& fill, hailo_format_type_t type) {
  const bool narrow = type == HAILO_FORMAT_TYPE_UINT8;
  float scale = narrow ? 0.004F : 0.001F;
  float zero = 0;
  if (fill.mode == sim::Fill::Mode::kNoise) {
    zero = narrow ? kNoiseSteps8 : kNoiseSteps16;
    scale = 1 / zero;
  } else if (fill.mode == sim::Fill::Mode::kRawHead) {  // logits of -20..20, places of 30 cells
    zero = std::floor((narrow ? kMaxUint8 : kMaxUint16) / 2);
    scale = 32 / zero;
  } else if (fill.mode == sim::Fill::Mode::kConstant && fill.value != 0) {
    scale = std::abs(static_cast<float>(fill.value));
    zero = fill.value < 0 ? 2 : 0;
  }
  const float max = narrow ? kMaxUint8 : kMaxUint16;
  return {zero, scale, -zero * scale, (max - zero) * scale};
}

// float32 travels quantised; what is no 8 or 16 bit number has no place in a HEF.
hailo_format_type_t type_of(const npu::TensorSpec& spec, const std::string& wanted) {
  if (spec.dtype == DType::kUint8 || spec.dtype == DType::kBool) return HAILO_FORMAT_TYPE_UINT8;
  if (spec.dtype == DType::kUint16) return HAILO_FORMAT_TYPE_UINT16;
  if (spec.dtype != DType::kFloat32) {
    not_in_a_hef(fmt::format("{} is {}, which no HEF has", spec.name, name_of(spec.dtype)));
  }
  if (wanted == "uint8") return HAILO_FORMAT_TYPE_UINT8;
  if (wanted.empty() || wanted == "uint16") return HAILO_FORMAT_TYPE_UINT16;
  not_in_a_hef("the type of an output is uint8 or uint16, not " + wanted);
}

Stream plain_stream(const npu::TensorSpec& spec, const HefNotes::Output& notes) {
  Stream stream{.name = spec.name, .shape = shape_of(spec), .spec = spec};
  stream.format = {type_of(spec, notes.type), order_from(notes.order, spec),
                   HAILO_FORMAT_FLAGS_NONE};
  stream.quant = {0, 1, 0, kMaxUint8};
  return stream;
}

Stream box_stream(const npu::TensorSpec& spec, const sim::Fill& fill) {
  Stream stream{.name = spec.name, .boxes = fill.boxes, .spec = spec};
  const sim::Suppression& how = *fill.boxes;
  stream.nms_shape.number_of_classes = static_cast<uint32_t>(how.classes);
  const auto boxes = static_cast<uint32_t>(how.boxes);
  switch (how.order) {
    case sim::Suppression::Order::kByClass:
      stream.format = {HAILO_FORMAT_TYPE_FLOAT32, HAILO_FORMAT_ORDER_HAILO_NMS_BY_CLASS,
                       HAILO_FORMAT_FLAGS_NONE};
      stream.nms_shape.max_bboxes_per_class = boxes;
      break;
    case sim::Suppression::Order::kByScore:
      stream.format = {HAILO_FORMAT_TYPE_UINT8, HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE,
                       HAILO_FORMAT_FLAGS_NONE};
      stream.nms_shape.max_bboxes_total = boxes;
      break;
    case sim::Suppression::Order::kByteMask:
      stream.format = {HAILO_FORMAT_TYPE_UINT8, HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK,
                       HAILO_FORMAT_FLAGS_NONE};
      stream.nms_shape.max_bboxes_total = boxes;
      stream.nms_shape.max_accumulated_mask_size = static_cast<uint32_t>(how.mask_bytes);
      break;
  }
  stream.quant = {0, 1, 0, 1};
  return stream;
}

// A scale for each feature; the one for all is none then.
void give_scales(Stream& stream, const HefNotes::Output& note) {
  if (note.scales.empty()) return;
  if (note.scales.size() != stream.shape.features) {
    not_in_a_hef(fmt::format("{} has {} features and {} scales", stream.name, stream.shape.features,
                             note.scales.size()));
  }
  for (std::size_t i = 0; i < note.scales.size(); ++i) {
    stream.feature_quants.push_back({note.zero_points[i], note.scales[i], 0, 0});
  }
  stream.quant = {};
}

}  // namespace

std::size_t Stream::feature_of(std::size_t element) const {
  switch (format.order) {
    case HAILO_FORMAT_ORDER_NHCW: return element / shape.width % shape.features;
    case HAILO_FORMAT_ORDER_NCHW:
      return element / (std::size_t{shape.height} * shape.width) % shape.features;
    default: return element % shape.features;
  }
}

std::size_t frame_bytes(const Stream& stream, const hailo_format_t& format) {
  if (stream.is_nms()) {
    return hailort::HailoRTCommon::get_nms_host_frame_size(stream.nms_shape, format);
  }
  return std::size_t{stream.shape.height} * stream.shape.width * stream.shape.features *
         hailort::HailoRTCommon::get_data_bytes(format.type);
}

std::vector<Stream> make_inputs(const HefFile& hef) {
  std::vector<Stream> streams;
  for (const auto& spec : hef.model.inputs) {
    Stream stream = plain_stream(spec, {});
    if (spec.dtype == DType::kFloat32) {
      stream.quant = quant_for({.mode = sim::Fill::Mode::kNoise}, stream.format.type);
    }
    stream.index = streams.size();
    if (stream.name.empty()) {
      stream.name = fmt::format("{}/input_layer{}", hef.stem, stream.index + 1);
    }
    streams.push_back(std::move(stream));
  }
  return streams;
}

std::vector<Stream> make_outputs(const HefFile& hef, const HefNotes& notes) {
  std::vector<Stream> streams;
  for (std::size_t i = 0; i < hef.model.outputs.size(); ++i) {
    const auto& [spec, fill] = hef.model.outputs[i];
    if (fill.mode == sim::Fill::Mode::kMasks) continue;  // part of the boxes' output
    const auto found = notes.outputs.find(spec.name);
    const auto note = found != notes.outputs.end() ? found->second : HefNotes::Output{};
    Stream stream = fill.boxes ? box_stream(spec, fill) : plain_stream(spec, note);
    if (!stream.is_nms() && spec.dtype == DType::kFloat32) {
      stream.quant = quant_for(fill, stream.format.type);
    }
    stream.quant.qp_scale = note.scale.value_or(stream.quant.qp_scale);
    stream.quant.qp_zp = note.zero_point.value_or(stream.quant.qp_zp);
    stream.index = i;
    if (stream.name.empty()) stream.name = fmt::format("{}/output{}", hef.stem, i);
    give_scales(stream, note);
    streams.push_back(std::move(stream));
  }
  return streams;
}

}  // namespace hailo_fake
