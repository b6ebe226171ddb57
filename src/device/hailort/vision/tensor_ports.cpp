#include "device/hailort/vision/tensor_ports.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace npu::device::hailort {
namespace {

using Stream = sdk::InferModel::InferStream;

DType dtype_of(hailo_format_type_t type) {
  switch (type) {
    case HAILO_FORMAT_TYPE_UINT16: return DType::kUint16;
    case HAILO_FORMAT_TYPE_FLOAT32: return DType::kFloat32;
    default: return DType::kUint8;
  }
}

// Dimensions as the order has them, where they account for all bytes of a frame; else one, of the
// elements or bytes that there are.
Shape shape_of(const Stream& stream, DType type) {
  const auto dims = stream.shape();
  const std::int64_t height = dims.height;
  const std::int64_t width = dims.width;
  const std::int64_t channels = dims.features;
  Shape shape;
  switch (stream.format().order) {
    case HAILO_FORMAT_ORDER_NC: shape = {channels}; break;
    case HAILO_FORMAT_ORDER_NHW: shape = {height, width}; break;
    case HAILO_FORMAT_ORDER_NCHW: shape = {channels, height, width}; break;
    default: shape = {height, width, channels}; break;
  }
  const std::size_t bytes = stream.get_frame_size();
  const auto expected = byte_size(type, shape);
  if (expected && *expected == bytes) return shape;
  return {static_cast<std::int64_t>(bytes / size_of(type))};
}

TensorSpec spec_of(std::string name, DType type, Shape shape, int batch) {
  if (batch > 1) shape.insert(shape.begin(), batch);
  return {std::move(name), type, std::move(shape)};
}

// How many elements of one feature stand in a row. None where the order does not tell, or a frame
// has other bytes besides.
std::optional<std::size_t> elements_in_a_row(const Stream& stream) {
  const auto dims = stream.shape();
  const std::size_t pixels = std::size_t{dims.height} * dims.width;
  const std::size_t bytes = pixels * dims.features * size_of(dtype_of(stream.format().type));
  if (stream.get_frame_size() != bytes) return std::nullopt;
  switch (stream.format().order) {
    case HAILO_FORMAT_ORDER_NHWC:
    case HAILO_FORMAT_ORDER_NC:
    case HAILO_FORMAT_ORDER_FCR:
    case HAILO_FORMAT_ORDER_F8CR: return 1;
    case HAILO_FORMAT_ORDER_NHCW: return dims.width;
    case HAILO_FORMAT_ORDER_NCHW: return pixels;
    default: return std::nullopt;
  }
}

// One scale, or one for each feature. None where the library does not tell them.
std::optional<Quantisations> quantisation_of(const Stream& stream) {
  Quantisations how{.features = {}};
  for (const auto& info : stream.get_quant_infos()) {
    if (!std::isfinite(info.qp_scale) || info.qp_scale <= 0 || !std::isfinite(info.qp_zp)) {
      return std::nullopt;
    }
    how.features.push_back({info.qp_scale, info.qp_zp});
  }
  if (how.features.empty()) return std::nullopt;
  const auto is_first = [&](const Quantisation& one) { return one == how.features.front(); };
  if (std::ranges::all_of(how.features, is_first)) {
    how.features.resize(1);
    return how;
  }
  const auto row = elements_in_a_row(stream);
  if (!row || how.features.size() != stream.shape().features) return std::nullopt;
  how.run = *row;
  return how;
}

bool is_picture(const Stream& stream, DType type) {
  if (type != DType::kUint8) return false;
  const auto dims = stream.shape();
  switch (stream.format().order) {
    case HAILO_FORMAT_ORDER_NC: return false;
    case HAILO_FORMAT_ORDER_NHWC:
    case HAILO_FORMAT_ORDER_FCR:
    case HAILO_FORMAT_ORDER_F8CR:
    case HAILO_FORMAT_ORDER_NHCW:
    case HAILO_FORMAT_ORDER_NCHW: return dims.height > 1 && dims.width > 1 && dims.features <= 4;
    default: return true;  // YUV and the like
  }
}

bool is_identity(const Quantisations& how) {
  return how.features.size() == 1 && how.features.front() == Quantisation{};
}

Port input_port(Stream stream) {
  Port port{.name = stream.name(), .wire_type = dtype_of(stream.format().type)};
  const auto how = quantisation_of(stream);
  const bool raw = is_picture(stream, port.wire_type) || (how && is_identity(*how));
  if (port.wire_type != DType::kFloat32 && !raw) {
    if (how) {
      port.conversion = Conversion::kQuantised;
      port.quantisation = *how;
    } else {
      stream.set_format_type(HAILO_FORMAT_TYPE_FLOAT32);
      port.wire_type = DType::kFloat32;
    }
  }
  port.wire_bytes = stream.get_frame_size();
  return port;
}

Port plain_output_port(Stream stream) {
  Port port{.name = stream.name(), .wire_type = dtype_of(stream.format().type)};
  if (port.wire_type != DType::kFloat32) {
    if (const auto how = quantisation_of(stream)) {
      port.conversion = Conversion::kQuantised;
      port.quantisation = *how;
    } else {
      stream.set_format_type(HAILO_FORMAT_TYPE_FLOAT32);
      port.wire_type = DType::kFloat32;
    }
  }
  port.wire_bytes = stream.get_frame_size();
  return port;
}

Result<Port> boxes_port(Stream stream, const hailo_3d_image_shape_t& input) {
  const auto shape = stream.get_nms_shape();
  if (!shape.has_value()) {
    return fail(ErrorCode::kMalformed, fmt::format("{} has no shape", stream.name()));
  }
  Port port{.name = stream.name(), .conversion = Conversion::kBoxes};
  NmsLayout& nms = port.nms;
  nms.classes = static_cast<int>(shape->number_of_classes);
  nms.boxes_per_class = static_cast<int>(shape->max_bboxes_per_class);
  nms.boxes = static_cast<int>(shape->max_bboxes_total);
  switch (stream.format().order) {
    case HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK:
      nms.order = NmsOrder::kByteMask;
      nms.entry_bytes = sizeof(hailo_detection_with_byte_mask_t);
      nms.width = static_cast<int>(input.width);
      nms.height = static_cast<int>(input.height);
      nms.mask_bytes = shape->max_accumulated_mask_size;
      stream.set_format_type(HAILO_FORMAT_TYPE_UINT8);
      break;
    case HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE:
      nms.order = NmsOrder::kByScore;
      stream.set_format_type(HAILO_FORMAT_TYPE_UINT8);
      break;
    default:
      nms.order = NmsOrder::kByClass;
      stream.set_format_order(HAILO_FORMAT_ORDER_HAILO_NMS_BY_CLASS);
      stream.set_format_type(HAILO_FORMAT_TYPE_FLOAT32);
      break;
  }
  if (auto ok = check(nms); !ok) return fail(ok.error());
  port.wire_bytes = stream.get_frame_size();
  return port;
}

void add_output_specs(Port& port, const Stream& stream, TensorPorts& ports) {
  port.tensor = static_cast<int>(ports.output_specs.size());
  if (port.conversion != Conversion::kBoxes) {
    ports.output_specs.push_back(
        spec_of(port.name, DType::kFloat32, shape_of(stream, port.wire_type), ports.batch));
    return;
  }
  ports.output_specs.push_back(spec_of(
      port.name, DType::kFloat32,
      {static_cast<std::int64_t>(nms_rows(port.nms)), std::int64_t{kNmsColumns}}, ports.batch));
  if (port.nms.order == NmsOrder::kByteMask) {
    ports.output_specs.push_back(spec_of(port.name + "/masks", DType::kUint8,
                                         {static_cast<std::int64_t>(port.nms.mask_bytes)},
                                         ports.batch));
  }
}

// "scrfd_10g/conv42" is also "conv42".
bool is_called(std::string_view layer, std::string_view name) {
  if (layer == name) return true;
  return layer.size() > name.size() && layer.ends_with(name) &&
         layer[layer.size() - name.size() - 1] == '/';
}

bool has_input(const sdk::Hef& hef, const std::string& group, std::string_view layer) {
  const auto inputs = hef.get_input_vstream_infos(group);
  if (!inputs.has_value()) return false;
  return std::ranges::any_of(inputs.value(),
                             [&](const auto& one) { return is_called(one.name, layer); });
}

}  // namespace

Result<TensorPorts> choose_ports(sdk::InferModel& network, const TensorOptions& options) {
  TensorPorts ports{.batch = std::max(1, options.batch)};
  for (const Stream& stream : network.inputs()) {
    Port port = input_port(stream);
    port.tensor = static_cast<int>(ports.input_specs.size());
    const DType type = port.conversion == Conversion::kNone ? port.wire_type : DType::kFloat32;
    ports.input_specs.push_back(
        spec_of(port.name, type, shape_of(stream, port.wire_type), ports.batch));
    ports.inputs.push_back(std::move(port));
  }
  if (ports.inputs.empty() || network.outputs().empty()) {
    return fail(ErrorCode::kMalformed, "the model has no input or no output");
  }
  const bool choice = !options.output_layer.empty() && network.outputs().size() > 1;
  for (const Stream& stream : network.outputs()) {
    auto port = stream.is_nms() ? boxes_port(stream, network.inputs().front().shape())
                                : Result<Port>(plain_output_port(stream));
    if (!port) return fail(port.error());
    if (!choice || is_called(port->name, options.output_layer)) {
      add_output_specs(*port, stream, ports);
    }
    ports.outputs.push_back(std::move(*port));
  }
  if (ports.output_specs.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the model has no output {}; it has {}", options.output_layer,
                            fmt::join(network.get_output_names(), ", ")));
  }
  return ports;
}

Result<std::string> choose_group(const sdk::Hef& hef, const TensorOptions& options) {
  const auto groups = hef.get_network_groups_names();
  if (groups.size() <= 1) return std::string();
  for (const auto& group : groups) {
    if (group == options.input_layer) return group;
  }
  if (!options.input_layer.empty()) {
    for (const auto& group : groups) {
      if (has_input(hef, group, options.input_layer)) return group;
    }
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("the file holds several networks; say which one is meant: {}",
                          fmt::join(groups, ", ")));
}

}  // namespace npu::device::hailort
