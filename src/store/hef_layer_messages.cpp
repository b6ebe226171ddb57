// Where data enters and leaves the chip.
#include "store/hef_message_reader.hpp"

namespace npu::store::hef {
namespace {

void read_nms_info(MessageReader& reader, NmsInfo& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) {
    switch (field.key()) {
      case varint(2): out.classes = number_of(field); break;
      case varint(3): out.boxes_per_class = number_of(field); break;
      case varint(5): out.is_defused = field.value != 0; break;
      case varint(7): out.chunks = number_of(field); break;
      case bytes(6):  // ProtoHEFNmsDefuseInfo
        reader.each_field(field.bytes, [&](const Field& inner) {
          if (inner.key() == bytes(3)) reader.name(out.defused_from, inner);
        });
        break;
      default: break;
    }
  });
}

// ProtoHEFEdgeLayerBase
void read_base(MessageReader& reader, Layer& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) {
    switch (field.key()) {
      case varint(1): out.shape[0] = number_of(field); break;
      case varint(3): out.shape[1] = number_of(field); break;
      case varint(5): out.shape[2] = number_of(field); break;
      case varint(7): out.format = number_of(field); break;
      case varint(12): out.data_bytes = number_of(field); break;
      case bytes(11):  // ProtoHEFAdditionalInfo
        reader.each_field(field.bytes, [&](const Field& inner) {
          if (inner.key() == bytes(1)) read_nms_info(reader, out.nms, inner.bytes);
        });
        break;
      default: break;
    }
  });
}

void read_info(MessageReader& reader, Layer& out, Bytes message) {
  out.kind = Layer::Kind::kInfo;
  reader.each_field(message, [&](const Field& field) {
    switch (field.key()) {
      case bytes(1): reader.name(out.name, field); break;
      case bytes(2): read_base(reader, out, field.bytes); break;
      case bytes(3): read_numeric(reader, out.numeric, field.bytes); break;
      case varint(6): out.transposed = field.value != 0; break;
      default: break;
    }
  });
}

void read_mux(MessageReader& reader, Layer& out, Bytes message);

// ProtoHefEdge
void read_part(MessageReader& reader, Layer& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) {
    if (field.key() == bytes(1)) read_info(reader, out, field.bytes);
    if (field.key() == bytes(2)) read_mux(reader, out, field.bytes);
  });
}

void read_mux(MessageReader& reader, Layer& out, Bytes message) {
  out.kind = Layer::Kind::kMux;
  reader.each_field(message, [&](const Field& field) {
    if (field.key() == bytes(1)) reader.name(out.name, field);
    if (field.key() == bytes(5)) reader.add(out.parts, field.bytes, read_part);
  });
}

void read_planes(MessageReader& reader, Layer& out, Bytes message) {
  out.kind = Layer::Kind::kPlanes;
  reader.each_field(message, [&](const Field& field) {
    switch (field.key()) {
      case bytes(1): reader.name(out.name, field); break;
      case varint(2): out.format = number_of(field); break;
      case bytes(3): reader.add(out.parts, field.bytes, read_part); break;
      case varint(4): out.shape[0] = number_of(field); break;
      case varint(5): out.shape[1] = number_of(field); break;
      case varint(6): out.shape[2] = number_of(field); break;
      default: break;
    }
  });
}

void read_host_layer(MessageReader& reader, Layer& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) {
    switch (field.key()) {
      case varint(1): out.is_output = field.value == 1; break;
      case bytes(3): read_info(reader, out, field.bytes); break;
      case bytes(4): read_mux(reader, out, field.bytes); break;
      case bytes(8): read_planes(reader, out, field.bytes); break;
      case varint(7): out.pad = number_of(field); break;
      default: break;
    }
  });
}

// ProtoHEFEdgeConnectionType
std::uint32_t connection_of(MessageReader& reader, Bytes message) {
  std::uint32_t connection = 0;
  reader.each_field(message, [&](const Field& field) {
    if (field.key() != bytes(5)) return;  // ProtoHEFContextSwitchInformation
    reader.each_field(field.bytes, [&](const Field& inner) {
      if (inner.key() == varint(3)) connection = number_of(inner);
    });
  });
  return connection;
}

// ProtoHEFEdgeLayerFused
void read_fused_layer(MessageReader& reader, Layer& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) {
    if (field.key() == bytes(1)) read_info(reader, out, field.bytes);
    if (field.key() == bytes(3)) read_nms_info(reader, out.nms, field.bytes);
  });
}

}  // namespace

// Large models have thousands between their contexts: those are not kept, and do not count.
void read_edge_layer(MessageReader& reader, Core& out, Bytes message) {
  constexpr std::uint32_t kToHost = 0;
  if (connection_of(reader, message) == kToHost) {
    reader.add(out.layers, message, read_host_layer);
  }
}

void read_fused(MessageReader& reader, FusedLayers& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) {
    switch (field.key()) {
      case varint(1): out.present = field.value != 0; break;
      case bytes(2): reader.add_name(out.sorted_outputs, field); break;
      case bytes(3): reader.add(out.layers, field.bytes, read_fused_layer); break;
      default: break;
    }
  });
}

void read_numeric(MessageReader& reader, NumericInfo& out, Bytes message) {
  using Numbers = MessageReader::Numbers;
  reader.each_field(message, [&](const Field& field) {
    switch (field.key()) {
      case fixed32(1): out.all.zero_point = field.as_float(); break;
      case fixed32(2): out.all.scale = field.as_float(); break;
      case fixed32(3): out.all.min = field.as_float(); break;
      case fixed32(4): out.all.max = field.as_float(); break;
      case bytes(5):
      case fixed64(5): reader.numbers(out.zero_points, field, Numbers::kDouble); break;
      case bytes(6):
      case fixed64(6): reader.numbers(out.scales, field, Numbers::kDouble); break;
      default: break;
    }
  });
}

}  // namespace npu::store::hef
