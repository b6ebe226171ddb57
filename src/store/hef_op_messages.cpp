// The operations of a network: its core, which runs on the chip, and post-processing.
#include "store/hef_message_reader.hpp"

namespace npu::store::hef {
namespace {

void read_pad(MessageReader& reader, Pad& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) {
    switch (field.key()) {
      case varint(1): out.index = number_of(field); break;
      case bytes(2): reader.name(out.name, field); break;
      case varint(3): out.order = number_of(field); break;
      case varint(8): out.type = number_of(field); break;
      case bytes(5): read_numeric(reader, out.numeric, field.bytes); break;
      default: break;
    }
  });
}

// ProtoHEFYoloBboxDecoder
void read_yolo_decoder(MessageReader& reader, Decoder& out, Bytes message) {
  using Numbers = MessageReader::Numbers;
  reader.each_field(message, [&](const Field& field) {
    switch (field.key()) {
      case bytes(2):
      case varint(2): reader.numbers(out.heights, field, Numbers::kWhole); break;
      case bytes(3):
      case varint(3): reader.numbers(out.widths, field, Numbers::kWhole); break;
      case varint(4): out.stride = number_of(field); break;
      case varint(5): out.pad = number_of(field); break;
      default: break;
    }
  });
}

// ProtoHEFSSDBboxDecoder
void read_ssd_decoder(MessageReader& reader, Decoder& out, Bytes message) {
  using Numbers = MessageReader::Numbers;
  reader.each_field(message, [&](const Field& field) {
    switch (field.key()) {
      case bytes(1):
      case fixed32(1): reader.numbers(out.heights, field, Numbers::kFloat); break;
      case bytes(2):
      case fixed32(2): reader.numbers(out.widths, field, Numbers::kFloat); break;
      default: break;
    }
  });
}

// ProtoHEFYoloxBboxDecoder, ProtoHEFYolov8BboxDecoder
void read_plain_decoder(MessageReader& reader, Decoder& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) {
    if (field.key() == varint(1)) out.stride = number_of(field);
  });
}

// ProtoHEFYoloNmsOp, -YoloxNmsOp, -SSDNmsOp, -IOUNmsOp, -YoloSegNmsOp, -Yolov8NmsOp
void read_head(MessageReader& reader, NmsOp& out, const Field& head) {
  constexpr std::uint32_t kNone = 0;
  constexpr std::uint32_t kDecodersAt[] = {4, 3, 9, kNone, 3, 4};
  const std::uint32_t decoders = bytes(kDecodersAt[head.number - kYolov5]);
  out.head = head.number;
  auto* read_decoder = &read_plain_decoder;
  if (head.number == kYolov5 || head.number == kYolov5Seg) read_decoder = &read_yolo_decoder;
  if (head.number == kSsd) read_decoder = &read_ssd_decoder;
  reader.each_field(head.bytes, [&](const Field& field) {
    if (field.key() == fixed64(1)) out.height = field.as_double();
    if (field.key() == fixed64(2)) out.width = field.as_double();
    if (field.key() == decoders) reader.add(out.decoders, field.bytes, read_decoder);
    if (head.number == kYolov5Seg && field.key() == fixed64(5)) {
      out.mask_threshold = field.as_double();
    }
  });
}

void read_nms_op(MessageReader& reader, NmsOp& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) {
    switch (field.key()) {
      case fixed64(1): out.score_threshold = field.as_double(); break;
      case fixed64(2): out.iou_threshold = field.as_double(); break;
      case varint(3): out.boxes_per_class = number_of(field); break;
      case varint(4): out.classes = number_of(field); break;
      case varint(5): out.removes_background = field.value != 0; break;
      case varint(6): out.background = number_of(field); break;
      case varint(13): out.boxes_only = field.value != 0; break;
      default:
        if (field.type == WireType::kBytes && field.number >= kYolov5 && field.number <= kYolov8) {
          read_head(reader, out, field);
        }
    }
  });
}

}  // namespace

void read_op(MessageReader& reader, Op& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) {
    switch (field.key()) {
      case bytes(2): reader.add(out.inputs, field.bytes, read_pad); break;
      case bytes(3): reader.add(out.outputs, field.bytes, read_pad); break;
      case bytes(4): read_core(reader, out.core.emplace(), field.bytes); break;
      case bytes(5): read_nms_op(reader, out.nms.emplace(), field.bytes); break;
      case bytes(6):  // ProtoHEFLogitsOp
        out.logits = 0;
        reader.each_field(field.bytes, [&](const Field& inner) {
          if (inner.key() == varint(1)) out.logits = number_of(inner);
        });
        break;
      default: break;
    }
  });
}

}  // namespace npu::store::hef
