#include "device/hailort/hef/hef_summary.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>

#include "device/hailort/hef/hef_config.hpp"
#include "device/hailort/hef/hef_description.hpp"
#include "device/hailort/sdk.hpp"
#include "device/hailort/status.hpp"
#include "device/model_file.hpp"
#include "store/hef_header.hpp"
#include "store/hef_kind.hpp"
#include "store/hef_names.hpp"

namespace npu::device::hailort {
namespace json = boost::json;
namespace {

constexpr int kFirstNmsOrder = 20;
constexpr int kOldNmsOrder = 9;

bool is_nms(const hailo_format_t& format) {
  const int order = format.order;
  return order == kOldNmsOrder || (order >= kFirstNmsOrder && order < HAILO_FORMAT_ORDER_MAX_ENUM);
}

json::value quantisation(const hailo_quant_info_t& info) {
  if (info.qp_scale == 0) return nullptr;  // one for each feature, or none
  return json::object{{"zero_point", info.qp_zp},
                      {"scale", info.qp_scale},
                      {"min", info.limvals_min},
                      {"max", info.limvals_max}};
}

json::array shape_of(const hailo_3d_image_shape_t& shape) {
  return {shape.height, shape.width, shape.features};
}

json::object format_of(const char* name, const hailo_format_t& format,
                       const hailo_quant_info_t& quant) {
  return {{"name", name},
          {"type", store::hef_name(store::kHefTypes, format.type)},
          {"order", store::hef_name(store::kHefOrders, format.order)},
          {"quantisation", quantisation(quant)}};
}

json::object describe(const hailo_vstream_info_t& info) {
  auto out = format_of(info.name, info.format, info.quant_info);
  if (!is_nms(info.format)) {
    out["shape"] = shape_of(info.shape);
    return out;
  }
  out["quantisation"] = nullptr;  // HailoRT has a scale of 1 there
  out["nms"] = json::object{{"classes", info.nms_shape.number_of_classes},
                            {"max_boxes_per_class", info.nms_shape.max_bboxes_per_class},
                            {"max_boxes", info.nms_shape.max_bboxes_total},
                            {"max_mask_bytes", info.nms_shape.max_accumulated_mask_size}};
  return out;
}

json::object describe(const hailo_stream_info_t& info) {
  auto out = format_of(info.name, info.format, info.quant_info);
  out["shape"] = is_nms(info.format) ? json::value() : shape_of(info.shape);
  out["frame_bytes"] = info.hw_frame_size;
  return out;
}

template <class Info>
json::array describe_all(const sdk::Expected<std::vector<Info>>& infos) {
  json::array out;
  if (!infos.has_value()) return out;
  for (const auto& info : infos.value()) out.push_back(describe(info));
  return out;
}

json::object describe_group(const sdk::Hef& hef, const hailo_network_group_info_t& group) {
  const std::string name = group.name;
  json::object out{{"name", name}, {"multi_context", group.is_multi_context}};
  out["inputs"] = describe_all(hef.get_input_vstream_infos(name));
  out["outputs"] = describe_all(hef.get_output_vstream_infos(name));
  out["input_streams"] = describe_all(hef.get_input_stream_infos(name));
  out["output_streams"] = describe_all(hef.get_output_stream_infos(name));
  const auto fps = hef.get_bottleneck_fps(name);  // not told for several contexts
  out["bottleneck_fps"] = fps.has_value() && fps.value() > 0 ? json::value(fps.value()) : nullptr;
  return out;
}

json::value hash_of([[maybe_unused]] const std::string& path,
                    [[maybe_unused]] const sdk::Hef& hef) {
#ifdef NPU_HAILORT_HEF_ARCHS
  const auto hash = sdk::Hef::hash(path);  // format 3 only
  return hash.has_value() ? json::value(hash.value()) : nullptr;
#else
  return json::value(hef.hash());
#endif
}

json::array architectures(const sdk::Hef& hef) {
  json::array out;
#ifdef NPU_HAILORT_HEF_ARCHS
  const auto list = hef.get_compatible_device_archs();
  if (!list.has_value()) return out;
  for (const auto architecture : list.value())
    out.push_back(json::value(architecture_name(architecture)));
#else
  const auto one = hef.get_hef_device_arch();
  if (one.has_value()) out.push_back(json::value(architecture_name(one.value())));
#endif
  return out;
}

Error refusal(hailo_status status, const std::string& path) {
  return to_error(status, Operation::kLoadTensor, model_stem({.path = path}) + ".hef");
}

}  // namespace

Result<json::object> inspect_hef(const std::string& path) {
  const auto opened = open_model({.path = path});
  if (!opened) return fail(opened.error());
  if (const auto whole = store::read_hef_header(opened->fd.get(), path); !whole) {
    return fail(whole.error());
  }
  const auto hef = sdk::Hef::create(path);
  if (!hef.has_value()) return fail(refusal(hef.status(), path));

  const auto infos = hef->get_network_groups_infos();
  if (!infos.has_value()) return fail(refusal(infos.status(), path));
  std::vector<std::string> names;
  json::array groups;
  for (const auto& info : infos.value()) {
    names.emplace_back(info.name);
    groups.push_back(describe_group(hef.value(), info));
  }

  json::object out{{"hailort", loaded_version()}};
  out["architectures"] = architectures(hef.value());
  out["kind"] = store::name_of(store::kind_of(names));
  out["hash"] = hash_of(path, hef.value());
  const auto text = hef->get_description(false, true);
  auto described = read_description(text.has_value() ? text.value() : "");
  out.insert(described.begin(), described.end());
  out["groups"] = std::move(groups);
  out["lora"] = json::value_from(store::lora_names(names));

  const auto resources = hef_resources(hef.value());
  out["resources"] = json::value_from(resources);
  out["generation"] = nullptr;
  if (std::ranges::find(resources, store::kHefConfigName) == resources.end()) return out;
  const auto config = hef_config(path);
  if (config) {
    out["generation"] = store::describe_config(*config);
  } else {
    out["generation"] = json::object{{"error", config.error().message}};
  }
  return out;
}

}  // namespace npu::device::hailort
