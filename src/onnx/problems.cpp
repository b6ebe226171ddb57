#include "onnx/problems.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace npu::onnx {
namespace {

// A score of 1 is half a step of 2, which rounds to 0.
constexpr float kBlindStep = 2;

// Heads whose boxes and scores are in one tensor.
bool mixes_boxes_and_scores(const std::string& head) {
  return head == "decoded" || head == "yolov5" || head == "yolox" || head == "boxes";
}

}  // namespace

std::optional<std::string> why_refused(const OnnxFile& file) {
  if (file.int8_products > 0) {
    return fmt::format(
        "{} of its integer convolutions or products (ConvInteger, MatMulInteger) have int8 "
        "weights, which ONNX Runtime's code for CPUs may not have: quantise to uint8 "
        "(quantize_dynamic with weight_type=QuantType.QUInt8), or export it as float",
        file.int8_products);
  }
  if (file.opset > kNewestOpset) {
    return fmt::format(
        "it has opset {}, ONNX Runtime 1.22 knows those up to {}: export it with a "
        "lower one (opset=17 does for all that is known here)",
        file.opset, kNewestOpset);
  }
  if (file.ir_version > kNewestIrVersion) {
    return fmt::format(
        "it has version {} of ONNX' file format, ONNX Runtime 1.22 knows those up "
        "to {}: set ir_version = {} before onnx.save, or export it with an older "
        "onnx package",
        file.ir_version, kNewestIrVersion, kNewestIrVersion);
  }
  return std::nullopt;
}

std::optional<std::string> why_blind(const OnnxFile& file, const ModelDescription& model) {
  if (!mixes_boxes_and_scores(model.head)) return std::nullopt;
  const auto coarse = [](const GraphTensor& output) {
    return output.step && *output.step >= kBlindStep;
  };
  const auto found = std::ranges::find_if(file.outputs, coarse);
  if (found == file.outputs.end()) return std::nullopt;
  return fmt::format(
      "its output '{}' is quantised in steps of {:.3g}, which serve boxes in pixels and scores in "
      "0..1 alike: every score is 0. Quantise it without its last operators (nodes_to_exclude), "
      "or export it as float",
      found->name, *found->step);
}

}  // namespace npu::onnx
