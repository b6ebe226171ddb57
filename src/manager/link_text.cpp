#include "manager/link_text.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/error_table.hpp"
#include "base/priority_name.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

constexpr std::uint64_t kMostRunsAtOnce = 64;
constexpr std::uint64_t kLongestRetryMs = 24 * 3600 * 1000;

std::string json_quoted(std::string_view text) { return json::serialize(json::string(text)); }

const json::object* object_at(const json::object& message, std::string_view name) {
  const auto* value = message.if_contains(name);
  return value != nullptr ? value->if_object() : nullptr;
}

std::optional<std::uint64_t> natural(const json::value& value) {
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64() && value.get_int64() >= 0)
    return static_cast<std::uint64_t>(value.get_int64());
  return std::nullopt;
}

}  // namespace

std::string link_load(broker::JobId job, const broker::ModelSpec& model, const LoadOrder& order) {
  json::array files;
  for (const auto& file : order.files) {
    json::object entry{{"path", file->path}};
    if (file->fd) {
      entry["bytes"] = file->size;
      entry["modified"] = file->modified;
    }
    files.push_back(std::move(entry));
  }
  return fmt::format(
      R"({{"op":"load","job":{},"model":{},"type":{},"path":{},"params":{},"files":{}}})", job,
      json_quoted(model.key), json_quoted(model.type), json_quoted(model.path), order.params,
      json::serialize(files));
}

std::string link_infer(broker::JobId job, std::string_view key, std::string_view input, bool stream,
                       Priority priority, const std::optional<LinkOutput>& output) {
  std::string text;
  text.reserve(input.size() + key.size() + 192);
  fmt::format_to(std::back_inserter(text), R"({{"op":"infer","job":{},"model":{},"input":)", job,
                 json_quoted(key));
  text += input;
  fmt::format_to(std::back_inserter(text), R"(,"stream":{},"priority":"{}")", stream,
                 name_of(priority));
  if (output) {
    fmt::format_to(std::back_inserter(text), R"(,"output":{{"region":{},"offset":{},"size":{}{}}})",
                   output->region, output->offset, output->size,
                   output->strict ? R"(,"strict":true)" : "");
  }
  text += '}';
  return text;
}

std::string link_unload(broker::JobId job, std::string_view key) {
  return fmt::format(R"({{"op":"unload","job":{},"model":{}}})", job, json_quoted(key));
}

std::string_view text_at(const json::object& message, std::string_view name) {
  const auto* value = message.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                : std::string_view();
}

std::uint64_t number_at(const json::object& message, std::string_view name) {
  const auto* value = message.if_contains(name);
  return value != nullptr ? natural(*value).value_or(0) : 0;
}

std::optional<double> real_at(const json::object& message, std::string_view name) {
  const auto* value = message.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  boost::system::error_code ignored;
  return value->to_number<double>(ignored);
}

Error error_at(const json::object& message, std::string_view name) {
  const auto* error = object_at(message, name);
  if (error == nullptr) return {ErrorCode::kInternal, "the worker failed without saying why"};
  Error said{error_code_from_wire(text_at(*error, "code")).value_or(ErrorCode::kInternal),
             std::string(text_at(*error, "message"))};
  if (const auto after = number_at(*error, "retry_after_ms"); after > 0) {
    said.retry_after = Millis(std::min<std::uint64_t>(after, kLongestRetryMs));
  }
  return said;
}

device::DeviceInfo device_info_of(const json::object& ready) {
  device::DeviceInfo info;
  const auto* device = object_at(ready, "device");
  if (device == nullptr) return info;
  info.kind = text_at(*device, "kind");
  info.id = text_at(*device, "id");
  info.architecture = text_at(*device, "architecture");
  info.firmware = text_at(*device, "firmware");
  info.memory_bytes = number_at(*device, "memory_bytes");
  const auto* group = device->if_contains("group_release");
  info.group_release = group != nullptr && group->is_bool() && group->get_bool();
  info.runs_at_once = static_cast<int>(
      std::clamp<std::uint64_t>(number_at(*device, "runs_at_once"), 1, kMostRunsAtOnce));
  return info;
}

device::Telemetry telemetry_of(const json::object& done) {
  device::Telemetry readings;
  const auto* telemetry = object_at(done, "telemetry");
  if (telemetry == nullptr) return readings;
  readings.temperature_celsius = real_at(*telemetry, "temperature_celsius");
  if (const auto* used = telemetry->if_contains("memory_used_bytes")) {
    readings.memory_used_bytes = natural(*used);
  }
  readings.utilisation = real_at(*telemetry, "utilisation");
  return readings;
}

broker::LoadedInfo loaded_info_of(const json::object& done) {
  broker::LoadedInfo loaded;
  loaded.memory_bytes = number_at(done, "memory_bytes");
  auto result = std::make_shared<LoadResult>();
  if (const auto* info = object_at(done, "info")) result->info = *info;
  loaded.info = std::move(result);
  return loaded;
}

}  // namespace npu::manager
