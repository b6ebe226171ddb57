#include <npu/replies.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include "json/fields.hpp"

namespace npu {
namespace bj = boost::json;
using json::Fields;

namespace {

std::string string_in(Fields& in, std::string_view name) {
  return std::string(in.text(name).value_or(""));
}

std::optional<std::string> optional_string_in(Fields& in, std::string_view name) {
  const auto text = in.text(name);
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

ListedModel listed_model(Fields& in) {
  return {string_in(in, "model_type"), string_in(in, "model_path"), in.number("loaded_at"),
          in.number("last_used")};
}

RefusedModel refused_model(Fields& in) {
  return {string_in(in, "model_type"), string_in(in, "model_path"), string_in(in, "reason"),
          in.number("seconds_left").value_or(0)};
}

// left_out: grows by the entries that are not read.
template <class Row>
std::vector<Row> rows(const bj::array& list, Row (*read)(Fields&), std::size_t& left_out) {
  std::vector<Row> rows;
  for (const bj::value& entry : list) {
    if (rows.size() == kMaxListed) break;
    if (!entry.is_object()) continue;
    Fields in(entry.get_object());
    rows.push_back(read(in));
  }
  left_out += list.size() - std::min(list.size(), kMaxListed);
  return rows;
}

std::optional<CapacityEvent> capacity_event(Fields& in) {
  const auto reason = optional_string_in(in, "last_capacity_event_reason");
  if (!reason) return std::nullopt;
  return CapacityEvent{*reason, string_in(in, "last_capacity_event_model"),
                       in.number("last_capacity_event_at").value_or(0)};
}

// Empty where one of them is none.
Shape shape_of(const bj::array& sides) {
  Shape shape;
  for (const bj::value& side : sides) {
    const auto length = json::integer_in(side);
    if (!length || *length < 1 || shape.size() == kMaxRank) return {};
    shape.push_back(*length);
  }
  return shape;
}

std::vector<TensorSpec> outputs_in(const bj::array& list) {
  std::vector<TensorSpec> outputs;
  for (const bj::value& entry : list) {
    if (outputs.size() == kMaxListed || !entry.is_object()) return {};
    Fields in(entry.get_object());
    const auto* sides = in.list("shape");
    // A rank of 0 is one number.
    Shape shape = sides != nullptr ? shape_of(*sides) : Shape{};
    if (sides == nullptr || shape.size() != sides->size()) return {};
    const std::string dtype = string_in(in, "dtype");
    const auto known = dtype.empty() ? DType::kFloat32 : dtype_from_name(dtype);
    if (!known) return {};
    outputs.push_back({string_in(in, "name"), *known, std::move(shape)});
  }
  return outputs;
}

void read_model_info(const bj::object& info, LoadedModel& model) {
  constexpr std::size_t kMaxLabels = 10'000;
  Fields in(info);
  if (const auto* input = in.object("input")) {
    Fields of_input(*input);
    model.fit = string_in(of_input, "fit");
    if (const auto padding = of_input.integer("padding", 0, 255)) {
      model.padding = static_cast<int>(*padding);
    }
  }
  if (const auto* list = in.list("outputs")) model.outputs = outputs_in(*list);
  model.head = string_in(in, "head");
  const auto* labels = in.find("labels");
  if (labels == nullptr) return;
  if (const auto* set = labels->if_string()) model.label_set = std::string(*set);
  const auto* names = labels->if_array();
  if (names == nullptr || names->size() > kMaxLabels) return;
  for (const bj::value& name : *names) {
    const auto* text = name.if_string();
    model.labels.emplace_back(text != nullptr ? std::string_view(*text) : std::string_view());
  }
}

std::size_t size_in(Fields& in, std::string_view name) {
  return static_cast<std::size_t>(in.capped_integer(name, 0, 1'000'000'000).value_or(0));
}

}  // namespace

ManagerStatus ManagerStatus::from(bj::object reply) {
  ManagerStatus status;
  Fields in(reply);
  status.device_id = optional_string_in(in, "device_id");
  status.models_left_out = size_in(in, "loaded_models_left_out");
  status.refused_left_out = size_in(in, "refused_models_left_out");
  if (const auto* list = in.list("loaded_models")) {
    status.models = rows(*list, listed_model, status.models_left_out);
  }
  if (const auto* list = in.list("refused_models")) {
    status.refused = rows(*list, refused_model, status.refused_left_out);
  }
  status.uptime_seconds = in.number("uptime_seconds");
  status.queue_depth = in.count("queue_depth");
  status.evictions = in.count("total_lru_evictions");
  status.socket_path = string_in(in, "socket_path");
  status.broken_reason = optional_string_in(in, "runtime_broken_reason");
  status.last_capacity_event = capacity_event(in);
  status.json = std::move(reply);
  return status;
}

DeviceStatus DeviceStatus::from(bj::object reply) {
  DeviceStatus status;
  if (const auto* device = Fields(reply).object("device")) {
    Fields in(*device);
    status.id = string_in(in, "device_id");
    status.architecture = string_in(in, "architecture");
    status.firmware = string_in(in, "fw_version");
    status.confinement = string_in(in, "confinement");
    status.temperature_celsius = in.number("temperature_celsius");
  }
  status.json = std::move(reply);
  return status;
}

LoadedModel LoadedModel::from(bj::object reply) {
  LoadedModel model;
  Fields in(reply);
  model.message = string_in(in, "message");
  model.listed_as = string_in(in, "listed_as");
  model.warning = string_in(in, "warning");
  const auto* info = in.object("model_info");
  const auto* sides = info != nullptr ? Fields(*info).list("input_shape") : nullptr;
  if (sides != nullptr) model.input_shape = shape_of(*sides);
  if (info != nullptr) read_model_info(*info, model);
  model.json = std::move(reply);
  return model;
}

UnloadedModel UnloadedModel::from(bj::object reply) {
  UnloadedModel model;
  model.message = std::string(Fields(reply).text("message").value_or(""));
  model.json = std::move(reply);
  return model;
}

}  // namespace npu
