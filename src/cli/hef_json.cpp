#include "cli/hef_json.hpp"

#include <vector>

#include "store/hef_kind.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

json::object tensor_json(const store::HefTensor& tensor) {
  json::object out{{"name", tensor.name},
                   {"type", tensor.type},
                   {"order", tensor.order},
                   {"quantisation", nullptr}};
  if (const auto& one = tensor.quantisation) {
    out["quantisation"] = json::object{{"zero_point", one->zero_point},
                                       {"scale", one->scale},
                                       {"min", one->min},
                                       {"max", one->max}};
  }
  if (!tensor.feature_scales.empty()) {
    out["feature_scales"] = json::value_from(tensor.feature_scales);
    out["feature_zero_points"] = json::value_from(tensor.feature_zero_points);
  }
  if (tensor.boxes) {
    out["nms"] = json::object{{"classes", tensor.boxes->classes},
                              {"max_boxes_per_class", tensor.boxes->per_class},
                              {"max_boxes", tensor.boxes->total},
                              {"max_mask_bytes", tensor.boxes->mask_bytes}};
  } else {
    out["shape"] = json::value_from(tensor.shape);
  }
  return out;
}

json::array tensors_json(const std::vector<store::HefTensor>& tensors) {
  json::array out;
  for (const auto& tensor : tensors) out.push_back(tensor_json(tensor));
  return out;
}

json::object group_json(const store::HefGroup& group) {
  return {{"name", group.name},
          {"multi_context", group.multi_context},
          {"inputs", tensors_json(group.inputs)},
          {"outputs", tensors_json(group.outputs)},
          {"bottleneck_fps",
           group.bottleneck_fps > 0 ? json::value(group.bottleneck_fps) : json::value()}};
}

json::object operation_json(const store::HefOperation& operation) {
  json::object out{{"operation", operation.type}};
  for (const auto& [name, value] : operation.settings) out[name] = value;
  return out;
}

}  // namespace

json::object hef_json(const store::HefContent& content) {
  std::vector<std::string> names;
  json::array groups;
  json::array operations;
  for (const auto& group : content.groups) {
    names.push_back(group.name);
    groups.push_back(group_json(group));
    for (const auto& operation : group.operations) operations.push_back(operation_json(operation));
  }
  json::object out{{"architectures", json::value_from(content.architectures)},
                   {"chip_number", content.chip_number}};
  out["kind"] = store::name_of(store::kind_of(names));
  out["compiler"] = content.compiler.empty() ? json::value() : json::value(content.compiler);
  out["lora"] = json::value_from(store::lora_names(names));
  json::array resources;
  for (const auto& resource : content.resources) resources.emplace_back(resource.name);
  out["resources"] = std::move(resources);
  out["operations"] = std::move(operations);
  out["groups"] = std::move(groups);
  return out;
}

}  // namespace npu::cli
