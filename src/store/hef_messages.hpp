// The messages of a HEF's description as far as hef_content.hpp needs them, in the words of
// hef.proto. Its field numbers are in hef_messages.cpp, hef_layer_messages.cpp and
// hef_op_messages.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <npu/result.hpp>

#include "store/hef_content.hpp"

namespace npu::store::hef {

using Bytes = std::span<const std::byte>;

struct NumericInfo {
  HefQuantisation all;
  std::vector<double> zero_points;  // of the features
  std::vector<double> scales;
};

struct NmsInfo {
  std::uint32_t classes = 0;
  std::uint32_t boxes_per_class = 0;
  std::uint32_t chunks = 0;
  bool is_defused = false;
  std::string defused_from;  // name of the fused layer
};

// Where data enters or leaves the chip: connected to the host, not between contexts.
struct Layer {
  enum class Kind : std::uint8_t { kInfo, kMux, kPlanes };

  Kind kind = Kind::kInfo;
  bool is_output = false;
  std::string name;
  std::uint32_t format = 0;      // the compiler's number; of planes: of the planes
  std::uint32_t data_bytes = 0;  // of a value
  std::array<std::uint32_t, 3> shape{};
  bool transposed = false;
  NumericInfo numeric;
  NmsInfo nms;
  std::optional<std::uint32_t> pad;
  std::vector<Layer> parts;  // what a mux is made of, or planes
};

struct FusedLayers {
  bool present = false;
  std::vector<std::string> sorted_outputs;
  std::vector<Layer> layers;
};

// ProtoHEFCoreOp, whose fields ProtoHEFNetworkGroup has too, of the time before there were
// operations.
struct Core {
  std::string name;
  double bottleneck_fps = 0;
  bool transposed = false;
  std::size_t contexts = 0;
  std::vector<Layer> layers;
  std::vector<std::string> sorted_outputs;
  std::vector<std::string> sorted_outputs_of_context;  // the last one's
  FusedLayers fused;
  std::vector<Core> partial;  // of chips of which parts may be missing (Hailo-8L, Hailo-15M)
};

struct Pad {
  std::uint32_t index = 0;
  std::string name;
  std::uint32_t order = 0;
  std::uint32_t type = 0;
  NumericInfo numeric;
};

struct Decoder {
  std::uint32_t stride = 0;
  std::uint32_t pad = 0;
  std::vector<double> heights;  // of the anchors
  std::vector<double> widths;
};

// Numbers of the fields of ProtoHEFNmsOp, one of which tells the head.
inline constexpr std::uint32_t kYolov5 = 7;
inline constexpr std::uint32_t kYolox = 8;
inline constexpr std::uint32_t kSsd = 9;
inline constexpr std::uint32_t kIou = 10;
inline constexpr std::uint32_t kYolov5Seg = 11;
inline constexpr std::uint32_t kYolov8 = 12;

struct NmsOp {
  double score_threshold = 0;
  double iou_threshold = 0;
  std::uint32_t boxes_per_class = 0;
  std::uint32_t classes = 0;
  bool removes_background = false;
  std::uint32_t background = 0;
  bool boxes_only = false;
  std::uint32_t head = 0;  // kYolov5, ...
  double height = 0;       // of the picture
  double width = 0;
  std::vector<Decoder> decoders;
  double mask_threshold = 0;
};

struct Op {
  std::vector<Pad> inputs;
  std::vector<Pad> outputs;
  std::optional<Core> core;
  std::optional<NmsOp> nms;
  std::optional<std::uint32_t> logits;  // 0 argmax, 1 softmax
};

struct PadEdge {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
};

struct NetworkGroup {
  std::string name;
  Core core;  // where there are no operations
  std::vector<Op> ops;
  std::vector<PadEdge> edges;
};

struct Description {
  std::uint32_t chip = 0;
  std::string sdk_text;
  std::array<std::uint32_t, 3> sdk{};
  std::vector<NetworkGroup> groups;
  std::vector<std::uint32_t> extensions;
  std::vector<HefResource> resources;
};

// kMalformed where it is none, is damaged, or larger than hef_content.hpp allows.
Result<Description> read_description(Bytes whole);

}  // namespace npu::store::hef
