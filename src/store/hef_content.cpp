#include "store/hef_content.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "store/hef_messages.hpp"
#include "store/hef_operations.hpp"

namespace npu::store {
namespace {

constexpr std::uint32_t kScalesOfFeatures = 25;  // extension OUTPUT_SCALE_PER_FEATURE
constexpr std::uint32_t kBoxes = 6;              // the compiler's format of boxes
constexpr std::uint32_t kFlat = 2;               // and of vectors

// ProtoHEFHwArch, and who takes it: hef_arch_to_device_compatible_archs() in device_internal.cpp.
std::vector<std::string> takers_of(std::uint32_t chip) {
  switch (chip) {
    case 0:
    case 1:
    case 2:
    case 101:
    case 102: return {"HAILO8"};
    case 100: return {"HAILO8_A0"};
    case 3: return {"HAILO8L", "HAILO8"};
    case 4: return {"HAILO15M", "HAILO15H", "HAILO10H"};
    case 6:
    case 106: return {"HAILO15L"};
    case 103:
    case 104:
    case 105: return {"HAILO15H", "HAILO10H"};
    case 108: return {"HAILO12L"};
    default: return {};
  }
}

// Of Hailo-8L and Hailo-15M a part may be missing, and a file has a core for each layout. Names and
// shapes are the same in all.
bool has_layouts(std::uint32_t chip) { return chip == 3 || chip == 4; }

// The compiler's numbers (get_device_format_order), as the host has the data
// (get_default_host_format_order).
std::string order_of(const hef::Layer& layer) {
  if (layer.kind == hef::Layer::Kind::kPlanes) {
    constexpr const char* kPlanes[] = {"NV12", "NV21", "I420"};
    return layer.format < std::size(kPlanes) ? kPlanes[layer.format] : std::to_string(layer.format);
  }
  switch (layer.format) {
    case 0:
    case 1:
    case 8:
    case 13: return "NHWC";
    case kFlat: return "NC";
    case 3: return "FCR";
    case 4: return "BAYER_RGB";
    case 5: return "NHW";
    case kBoxes: return "NMS_BY_CLASS";
    case 7: return "F8CR";
    case 11: return "YUY2";
    case 14: return "NV12";
    case 15: return "NV21";
    case 16: return "I420";
    default: return std::to_string(layer.format);
  }
}

std::string type_of_bytes(std::uint32_t bytes) {
  return bytes == 1 ? "UINT8" : bytes == 2 ? "UINT16" : fmt::format("{} bytes", bytes);
}

// Whose names, shapes and order are those of all layouts.
const hef::Core& core_of(const hef::Description& file, const hef::NetworkGroup& group) {
  const auto with_core =
      std::ranges::find_if(group.ops, [](const auto& op) { return op.core.has_value(); });
  const hef::Core& whole = with_core != group.ops.end() ? *with_core->core : group.core;
  return has_layouts(file.chip) && !whole.partial.empty() ? whole.partial.front() : whole;
}

class GroupDescriber {
 public:
  GroupDescriber(const hef::Description& file, const hef::NetworkGroup& group)
      : file_(file), group_(group), core_(core_of(file, group)) {
    for (const auto& edge : group.edges) source_of_.emplace(edge.to, edge.from);
    for (const auto& layer : core_.layers) {
      if (layer.is_output && layer.pad) at_pad_.emplace(*layer.pad, &layer);
    }
    for (const auto& layer : core_.fused.layers) fused_.emplace(layer.name, &layer);
  }

  HefGroup describe() const {
    HefGroup out{.name = name(),
                 .multi_context = core_.contexts > 1,
                 .bottleneck_fps = core_.contexts > 1 ? 0 : core_.bottleneck_fps};
    Tensors inputs;
    Tensors outputs;
    std::unordered_set<const hef::Layer*> go_on;
    std::vector<HefTensor> made;
    for (const auto& op : group_.ops) {
      if (op.core) continue;
      const auto taken = layers_into(op);
      go_on.insert(taken.begin(), taken.end());
      out.operations.push_back(hef::describe_operation(op));
      if (!op.outputs.empty()) made.push_back(hef::output_of(op, taken));
    }
    for (const auto& layer : core_.layers) {
      if (go_on.contains(&layer)) continue;
      add_tensors(layer, layer.is_output, layer.is_output ? outputs : inputs);
    }
    out.inputs = std::move(inputs.list);
    out.outputs = std::move(outputs.list);
    std::ranges::move(made, std::back_inserter(out.outputs));
    sort_outputs(out.outputs);
    return out;
  }

 private:
  struct Tensors {
    std::vector<HefTensor> list;
    std::unordered_set<std::string> names;
  };

  std::string name() const {
    if (!group_.core.partial.empty()) return group_.core.partial.front().name;
    for (const auto* text : {&group_.core.name, &core_.name}) {
      if (!text->empty()) return *text;
    }
    return group_.name;
  }

  // The layers that an operation takes.
  std::vector<const hef::Layer*> layers_into(const hef::Op& op) const {
    std::vector<const hef::Layer*> out;
    for (const auto& pad : op.inputs) {
      const auto source = source_of_.find(pad.index);
      if (source == source_of_.end()) continue;
      const auto layer = at_pad_.find(source->second);
      if (layer != at_pad_.end()) out.push_back(layer->second);
    }
    return out;
  }

  void add_tensors(const hef::Layer& layer, bool is_output, Tensors& out) const {
    if (layer.kind == hef::Layer::Kind::kMux) {
      for (const auto& part : layer.parts) add_tensors(part, is_output, out);
      return;
    }
    const hef::Layer* const fused = fused_of(layer);
    const hef::Layer& whole = fused != nullptr ? *fused : layer;
    if (out.names.insert(whole.name).second) out.list.push_back(tensor_of(whole, is_output));
  }

  // Boxes that the chip gives in several streams are one output.
  const hef::Layer* fused_of(const hef::Layer& layer) const {
    if (layer.format != kBoxes || !layer.nms.is_defused || !core_.fused.present) return nullptr;
    const auto whole = fused_.find(layer.nms.defused_from);
    return whole != fused_.end() ? whole->second : nullptr;
  }

  HefTensor tensor_of(const hef::Layer& layer, bool is_output) const {
    const bool planes = layer.kind == hef::Layer::Kind::kPlanes;
    HefTensor out{.name = layer.name, .order = order_of(layer), .shape = layer.shape};
    if (!planes && layer.format == kBoxes) {
      const std::uint32_t each = layer.nms.boxes_per_class * std::max(1U, layer.nms.chunks);
      out.type = "FLOAT32";
      out.shape = {};
      out.boxes = HefBoxes{
          .classes = layer.nms.classes, .per_class = each, .total = each * layer.nms.classes};
      return out;
    }
    const bool has_parts = planes && !layer.parts.empty();
    out.type = type_of_bytes(has_parts ? layer.parts.front().data_bytes : layer.data_bytes);
    if ((core_.transposed || layer.transposed) && !planes && layer.format != kFlat) {
      std::swap(out.shape[0], out.shape[1]);
    }
    quantise(layer.numeric, is_output, out);
    return out;
  }

  void quantise(const hef::NumericInfo& numeric, bool is_output, HefTensor& out) const {
    if (!is_output || std::ranges::count(file_.extensions, kScalesOfFeatures) == 0) {
      if (numeric.all.scale != 0) out.quantisation = numeric.all;
      return;
    }
    out.feature_scales = numeric.scales;
    out.feature_zero_points = numeric.zero_points;
    if (numeric.scales.empty()) out.feature_scales = {numeric.all.scale};
    if (numeric.zero_points.empty()) out.feature_zero_points = {numeric.all.zero_point};
  }

  const std::vector<std::string>& output_names() const {
    if (core_.fused.present) return core_.fused.sorted_outputs;
    if (!group_.core.sorted_outputs.empty()) return group_.core.sorted_outputs;
    if (!core_.sorted_outputs.empty()) return core_.sorted_outputs;
    return core_.sorted_outputs_of_context;
  }

  void sort_outputs(std::vector<HefTensor>& outputs) const {
    std::unordered_map<std::string_view, std::size_t> places;
    for (const auto& name : output_names()) places.emplace(name, places.size());
    std::ranges::stable_sort(outputs, {}, [&](const HefTensor& output) {
      const auto place = places.find(output.name);
      return place != places.end() ? place->second : places.size();
    });
  }

  const hef::Description& file_;
  const hef::NetworkGroup& group_;
  const hef::Core& core_;
  std::unordered_map<std::uint32_t, std::uint32_t> source_of_;  // pads, by where they lead
  std::unordered_map<std::uint32_t, const hef::Layer*> at_pad_;
  std::unordered_map<std::string_view, const hef::Layer*> fused_;
};

// "5.4.0": of its own field, or, in older files, the text that begins with it.
std::string compiler_of(const hef::Description& file) {
  if (file.sdk != decltype(file.sdk){}) return fmt::format("{}", fmt::join(file.sdk, "."));
  const auto end = std::ranges::find_if_not(
      file.sdk_text, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  return {file.sdk_text.begin(), end};
}

}  // namespace

Result<HefContent> parse_hef_description(std::string_view description) {
  const auto file = hef::read_description(std::as_bytes(std::span(description)));
  if (!file) return fail(file.error());
  if (file->groups.empty()) {
    return fail(ErrorCode::kMalformed, "no intact HEF file: its description has no network");
  }
  HefContent out{.chip_number = file->chip,
                 .architectures = takers_of(file->chip),
                 .compiler = compiler_of(*file),
                 .resources = file->resources};
  for (const auto& group : file->groups) {
    out.groups.push_back(GroupDescriber(*file, group).describe());
  }
  std::ranges::sort(out.groups, {}, &HefGroup::name);
  std::ranges::sort(out.resources, {}, &HefResource::name);
  return out;
}

}  // namespace npu::store
