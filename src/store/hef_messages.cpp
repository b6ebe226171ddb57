#include "store/hef_messages.hpp"

#include "store/hef_message_reader.hpp"

namespace npu::store::hef {
namespace {

// ProtoHEFHeader
void read_header(MessageReader& reader, Description& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) {
    switch (field.key()) {
      case varint(1): out.chip = number_of(field); break;
      case bytes(3): reader.name(out.sdk_text, field); break;
      case bytes(5):  // ProtoHEFSdkVersion
        reader.each_field(field.bytes, [&](const Field& inner) {
          if (inner.type == WireType::kVarint && inner.number <= out.sdk.size()) {
            out.sdk[inner.number - 1] = number_of(inner);
          }
        });
        break;
      default: break;
    }
  });
}

// ProtoHEFExtension
void read_extension(MessageReader& reader, std::uint32_t& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) {
    if (field.key() == varint(1)) out = number_of(field);
  });
}

// ProtoHEFExternalResource
void read_resource(MessageReader& reader, HefResource& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) {
    switch (field.key()) {
      case varint(1): out.offset = field.value; break;
      case varint(2): out.bytes = field.value; break;
      case bytes(3): reader.name(out.name, field); break;
      default: break;
    }
  });
}

// The metadata of a ProtoHEFContext; its operations are for the chip.
void read_context(MessageReader& reader, Core& out, Bytes message) {
  ++out.contexts;
  out.sorted_outputs_of_context.clear();
  reader.each_field(message, [&](const Field& field) {
    if (field.key() != bytes(3)) return;
    reader.each_field(field.bytes, [&](const Field& inner) {
      if (inner.key() == bytes(2)) read_edge_layer(reader, out, inner.bytes);
      if (inner.key() == bytes(5)) reader.add_name(out.sorted_outputs_of_context, inner);
    });
  });
}

void read_core_field(MessageReader& reader, Core& out, const Field& field) {
  switch (field.key()) {
    case bytes(1):  // ProtoHEFNetworkGroupMetadata
      return reader.each_field(field.bytes, [&](const Field& inner) {
        if (inner.key() == bytes(1)) reader.name(out.name, inner);
        if (inner.key() == varint(3)) out.transposed = inner.value != 0;
        if (inner.key() == fixed64(4)) out.bottleneck_fps = inner.as_double();
      });
    case bytes(3): return read_context(reader, out, field.bytes);
    case bytes(4): return reader.add_name(out.sorted_outputs, field);
    case bytes(5): return read_fused(reader, out.fused, field.bytes);
    case bytes(7):  // a core and its layout
      return reader.each_field(field.bytes, [&](const Field& inner) {
        if (inner.key() == bytes(1)) reader.add(out.partial, inner.bytes, read_core);
      });
    default: return;
  }
}

void read_edge(MessageReader& reader, PadEdge& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) {
    if (field.key() == varint(1)) out.from = number_of(field);
    if (field.key() == varint(2)) out.to = number_of(field);
  });
}

void read_group(MessageReader& reader, NetworkGroup& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) {
    switch (field.key()) {
      case bytes(8): reader.add(out.ops, field.bytes, read_op); break;
      case bytes(9): reader.add(out.edges, field.bytes, read_edge); break;
      case bytes(10): reader.name(out.name, field); break;
      default: read_core_field(reader, out.core, field); break;
    }
  });
}

}  // namespace

void read_core(MessageReader& reader, Core& out, Bytes message) {
  reader.each_field(message, [&](const Field& field) { read_core_field(reader, out, field); });
}

Result<Description> read_description(Bytes whole) {
  MessageReader reader;
  Description out;
  reader.each_field(whole, [&](const Field& field) {
    switch (field.key()) {
      case bytes(1): read_header(reader, out, field.bytes); break;
      case bytes(2): reader.add(out.groups, field.bytes, read_group); break;
      case bytes(5): reader.add(out.extensions, field.bytes, read_extension); break;
      case bytes(7): reader.add(out.resources, field.bytes, read_resource); break;
      default: break;
    }
  });
  if (!reader.wrong().empty()) {
    return fail(ErrorCode::kMalformed, "no intact HEF file: " + reader.wrong());
  }
  return out;
}

}  // namespace npu::store::hef
