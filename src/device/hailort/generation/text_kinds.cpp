#include "device/hailort/generation/text_kinds.hpp"

#include <vector>

#include <fmt/format.h>

namespace npu::device::hailort {
namespace {

// Until 5.1 the chip had buffers for so many frames. It refuses more without reading them, and the
// connection is out of step.
constexpr int kMaxFrames51 = 5;
constexpr int kMaxFrames = 1024;  // what a prompt and its context bound anyway

std::optional<DType> frame_dtype(hailo_format_type_t type) {
  switch (type) {
    case HAILO_FORMAT_TYPE_UINT8: return DType::kUint8;
    case HAILO_FORMAT_TYPE_UINT16: return DType::kUint16;
    case HAILO_FORMAT_TYPE_FLOAT32: return DType::kFloat32;
    default: return std::nullopt;
  }
}

}  // namespace

sdk::Expected<genai::LLMGeneratorCompletion> LlmKind::generate(Generator& generator,
                                                               const std::string& prompt,
                                                               std::span<const TensorView>) {
  const auto status = generator.write(prompt);
  if (status != HAILO_SUCCESS) return sdk::make_unexpected(status);
  return generator.generate();
}

sdk::Expected<genai::LLMGeneratorCompletion> VlmKind::generate(Generator& generator,
                                                               const std::string& prompt,
                                                               std::span<const TensorView> frames) {
  std::vector<sdk::MemoryView> views;
  views.reserve(frames.size());
  for (const auto& frame : frames) {
    views.push_back(sdk::MemoryView::create_const(frame.data.data(), frame.data.size()));
  }
  return generator.generate(prompt, views);
}

Result<std::optional<TensorSpec>> VlmKind::frame(const Model& model) {
  const auto& shape = model.input_frame_shape();
  const auto dtype = frame_dtype(model.input_frame_format_type());
  const auto order = model.input_frame_format_order();
  if (!dtype || (order != HAILO_FORMAT_ORDER_NHWC && order != HAILO_FORMAT_ORDER_RGB888)) {
    return fail(
        ErrorCode::kUnsupported,
        fmt::format("the model takes pictures of format type {} and order {}, not rows of RGB "
                    "pixels",
                    static_cast<int>(model.input_frame_format_type()), static_cast<int>(order)));
  }
  TensorSpec frame{"frame", *dtype, {shape.height, shape.width, shape.features}};
  if (byte_size(frame.dtype, frame.shape) != model.input_frame_size()) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("a picture for the model has {} bytes, not those of {}",
                            model.input_frame_size(), to_string(frame.shape)));
  }
  return frame;
}

int VlmKind::max_frames() {
  return loaded_version().starts_with("5.1.") ? kMaxFrames51 : kMaxFrames;
}

}  // namespace npu::device::hailort
