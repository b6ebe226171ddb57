#include "store/hef_operations.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "store/hef_names.hpp"

namespace npu::store::hef {
namespace {

std::string head_name(std::uint32_t head) {
  switch (head) {
    case kYolov5: return "YOLOV5";
    case kYolox: return "YOLOX";
    case kSsd: return "SSD";
    case kIou: return "IOU";
    case kYolov5Seg: return "YOLOV5SEG";
    case kYolov8: return "YOLOV8";
    default: return fmt::format("NMS {}", head);
  }
}

// "10x13 16x30 33x23", width by height.
std::string anchors_of(const Decoder& decoder) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < std::min(decoder.heights.size(), decoder.widths.size()); ++i) {
    texts.push_back(fmt::format("{:.4g}x{:.4g}", decoder.widths[i], decoder.heights[i]));
  }
  return fmt::format("{}", fmt::join(texts, " "));
}

void add_decoders(const NmsOp& nms, HefOperation& out) {
  std::vector<std::string> anchors;
  std::vector<std::uint32_t> strides;
  for (const auto& decoder : nms.decoders) {
    if (decoder.stride > 0) strides.push_back(decoder.stride);
    if (!decoder.heights.empty()) anchors.push_back(anchors_of(decoder));
  }
  if (!strides.empty())
    out.settings.emplace_back("Strides", fmt::format("{}", fmt::join(strides, ", ")));
  if (!anchors.empty())
    out.settings.emplace_back("Anchors", fmt::format("{}", fmt::join(anchors, "; ")));
}

HefOperation describe_nms(const NmsOp& nms) {
  HefOperation out{.type = head_name(nms.head)};
  const auto add = [&](const char* name, std::string value) {
    out.settings.emplace_back(name, std::move(value));
  };
  add("Score threshold", fmt::format("{:.3f}", nms.score_threshold));
  add("IoU threshold", fmt::format("{:.2f}", nms.iou_threshold));
  add("Classes", fmt::format("{}", nms.classes));
  if (nms.head != kYolov5Seg) add("Max bboxes per class", fmt::format("{}", nms.boxes_per_class));
  if (nms.removes_background) add("Background removal index", fmt::format("{}", nms.background));
  if (nms.head != kIou) {
    add("Image height", fmt::format("{:.0f}", nms.height));
    add("Image width", fmt::format("{:.0f}", nms.width));
  }
  if (nms.head == kYolov5Seg) add("Mask threshold", fmt::format("{:.2f}", nms.mask_threshold));
  add_decoders(nms, out);
  return out;
}

// Candidates that a head has before suppression. Each cell of a layer of YOLOv5 has one for each
// anchor; with YOLOv8 two layers are one set of cells.
std::uint32_t candidates(const NmsOp& nms, std::span<const Layer* const> layers) {
  std::uint32_t sum = 0;
  for (const Layer* layer : layers) {
    const std::uint32_t cells = layer->shape[0] * layer->shape[1];
    const auto decoder = std::ranges::find(nms.decoders, layer->pad, &Decoder::pad);
    const std::size_t each =
        nms.head == kYolov5 && decoder != nms.decoders.end() ? decoder->heights.size() : 1;
    sum += cells * static_cast<std::uint32_t>(each);
  }
  return nms.head == kYolov8 ? sum / 2 : sum;
}

HefTensor boxes_of(const NmsOp& nms, std::span<const Layer* const> layers) {
  constexpr std::uint32_t kBoxAndScore = 5;
  constexpr std::uint32_t kBox = 4;
  constexpr double kMaskBytesOfPixel = 4;
  HefTensor out{.type = "FLOAT32", .order = "NMS_BY_CLASS"};
  if (nms.boxes_only && nms.head != kYolov5Seg) {
    out.order = "NHWC";
    out.shape = {1, candidates(nms, layers),
                 nms.classes + (nms.head == kYolov5 ? kBoxAndScore : kBox)};
    return out;
  }
  out.boxes = HefBoxes{.classes = nms.classes - (nms.removes_background && nms.classes > 0 ? 1 : 0),
                       .per_class = nms.boxes_per_class,
                       .total = nms.boxes_per_class * nms.classes};
  if (nms.head == kYolov5Seg) {
    const double bytes = nms.height * nms.width * kMaskBytesOfPixel;
    out.type = "UINT8";
    out.order = "NMS_WITH_BYTE_MASK";
    out.boxes->mask_bytes =
        bytes >= 0 && bytes < 0xFFFFFFFF ? static_cast<std::uint32_t>(bytes) : 0;
  }
  return out;
}

// Of argmax and softmax.
HefTensor logits_of(const Op& op, std::span<const Layer* const> layers) {
  const Pad& pad = op.outputs.front();
  HefTensor out{.type = hef_name(kHefTypes, pad.type), .order = hef_name(kHefOrders, pad.order)};
  if (!layers.empty()) out.shape = layers.front()->shape;
  if (op.logits == 0) out.shape[2] = 1;
  if (pad.numeric.all.scale != 0) out.quantisation = pad.numeric.all;
  return out;
}

}  // namespace

HefOperation describe_operation(const Op& op) {
  if (op.nms) return describe_nms(*op.nms);
  if (op.logits) return {.type = *op.logits == 0 ? "ARGMAX" : "SOFTMAX"};
  return {.type = "unknown"};
}

HefTensor output_of(const Op& op, std::span<const Layer* const> layers) {
  HefTensor out = op.nms ? boxes_of(*op.nms, layers) : logits_of(op, layers);
  out.name = op.outputs.front().name;
  return out;
}

}  // namespace npu::store::hef
