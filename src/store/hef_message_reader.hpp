// What reading a HEF's messages has in common: bounds over the whole description, and the first
// thing that is wrong with it, which ends the reading.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/protobuf_reader.hpp"
#include "store/hef_messages.hpp"

namespace npu::store::hef {

// Keys of fields, for switches.
constexpr std::uint32_t varint(std::uint32_t number) {
  return protobuf_key(number, WireType::kVarint);
}
constexpr std::uint32_t fixed64(std::uint32_t number) {
  return protobuf_key(number, WireType::kFixed64);
}
constexpr std::uint32_t fixed32(std::uint32_t number) {
  return protobuf_key(number, WireType::kFixed32);
}
constexpr std::uint32_t bytes(std::uint32_t number) {
  return protobuf_key(number, WireType::kBytes);
}

using Field = ProtobufField;

inline std::uint32_t number_of(const Field& field) {
  return static_cast<std::uint32_t>(field.value);
}

class MessageReader {
 public:
  // "" as long as all is well.
  const std::string& wrong() const { return wrong_; }

  // Calls visit(const Field&) with each field until something is wrong.
  template <class Visit>
  void each_field(Bytes message, Visit visit) {
    if (!enter()) return;
    ProtobufReader fields(message);
    while (wrong_.empty()) {
      const auto field = fields.next();
      if (!field) break;
      visit(*field);
    }
    if (fields.damaged()) refuse_damaged();
    --depth_;
  }

  // A message that is one of several.
  template <class Item>
  void add(std::vector<Item>& list, Bytes message, void (*read)(MessageReader&, Item&, Bytes)) {
    if (take_item()) read(*this, list.emplace_back(), message);
  }

  void name(std::string& out, const Field& field);
  void add_name(std::vector<std::string>& list, const Field& field);

  // A list of numbers, packed, or an element of one.
  enum class Numbers : std::uint8_t { kWhole, kFloat, kDouble };
  void numbers(std::vector<double>& out, const Field& field, Numbers type);

  // Whether there is room for one more.
  bool take_item();

 private:
  bool enter();
  bool take(std::size_t& left, const char* what);
  void add_number(std::vector<double>& out, double number);
  void refuse(std::string why);
  void refuse_damaged();

  static constexpr std::size_t kMostItems = 16384;     // layers, names, operations, ...
  static constexpr std::size_t kMostNumbers = 524288;  // scales, zero points, anchors

  std::size_t items_left_ = kMostItems;
  std::size_t numbers_left_ = kMostNumbers;
  int depth_ = 0;
  std::string wrong_;
};

// ProtoHEFEdgeLayer: added to the core's layers where it is connected to the host.
void read_edge_layer(MessageReader& reader, Core& out, Bytes message);
// ProtoHEFFusedLayersMetadata
void read_fused(MessageReader& reader, FusedLayers& out, Bytes message);
// ProtoHEFEdgeLayerNumericInfo
void read_numeric(MessageReader& reader, NumericInfo& out, Bytes message);
// ProtoHEFCoreOp
void read_core(MessageReader& reader, Core& out, Bytes message);
// ProtoHEFOp
void read_op(MessageReader& reader, Op& out, Bytes message);

}  // namespace npu::store::hef
