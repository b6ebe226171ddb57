#include "manager/request_fields.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/priority_name.hpp"
#include "base/utf8.hpp"
#include "json/number_text.hpp"
#include "json/text_prefix.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxEcho = 200;
constexpr std::int64_t kMaxTimeoutMs = 86'400'000;
constexpr double kForeverSeconds = 1e9;
constexpr std::size_t kMaxFieldBytes = std::size_t{64} << 10;
constexpr std::array<std::string_view, 15> kFields{
    "action",       "client",     "features",   "keep_alive", "model_fd",
    "model_params", "model_path", "model_type", "output",     "pin",
    "priority",     "region",     "size",       "stream",     "timeout_ms"};

const json::value* present(const json::object& body, std::string_view name) {
  const auto* value = body.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

tl::unexpected<Error> wrong(std::string_view name, std::string_view right, const json::value& got) {
  const std::string text = npu::json::text_prefix(got, kMaxEcho + 1);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} must be {}, got {}", name, right, utf8_prefix(text, kMaxEcho)));
}

Result<broker::Priority> priority_of(const json::value& value) {
  const std::string_view name = value.is_string() ? std::string_view(value.get_string()) : "";
  if (const auto priority = priority_named(name)) return *priority;
  return wrong("priority", "realtime, interactive or batch", value);
}

Result<Millis> timeout_of(const json::value& value) {
  if (value.is_int64() && value.get_int64() >= 1 && value.get_int64() <= kMaxTimeoutMs) {
    return Millis(value.get_int64());
  }
  return wrong("timeout_ms", fmt::format("a whole number in 1..{}", kMaxTimeoutMs), value);
}

Result<Duration> keep_alive_of(const json::value& value) {
  if (!value.is_number()) return wrong("keep_alive", "a number of seconds", value);
  const double seconds = value.to_number<double>();
  if (seconds < 0 || seconds >= kForeverSeconds) return Duration::max();
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

Result<std::string> text_field(const json::value& value, std::string_view name) {
  if (!value.is_string()) return wrong(name, "a string", value);
  return std::string(value.get_string());
}

}  // namespace

Error unknown_action(std::string_view value) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("Unknown action: {}", utf8_prefix(value, kMaxEcho))};
}

Result<std::string> action_of(const json::object& body) {
  const auto* action = present(body, "action");
  if (action == nullptr) return fail(unknown_action("None"));
  if (action->is_string()) return std::string(action->get_string());
  if (action->is_bool()) return fail(unknown_action(action->get_bool() ? "True" : "False"));
  return fail(unknown_action(npu::json::text_prefix(*action, kMaxEcho + 1)));
}

Result<std::string> id_of(const json::object& body, std::string_view name, std::string_view text) {
  const auto* value = present(body, name);
  if (value == nullptr) return {};
  std::string id;
  if (value->is_double()) id = npu::json::number_text(text, name).substr(0, kMaxIdBytes + 1);
  if (id.empty()) id = npu::json::text_prefix(*value, kMaxIdBytes + 1);
  if (id.size() <= kMaxIdBytes) return id;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} must take at most {} bytes as JSON text", name, kMaxIdBytes));
}

Status keep_fields(json::object& body) {
  json::object kept(body.storage());
  Status fine;
  for (const std::string_view name : kFields) {
    auto* value = body.if_contains(name);
    if (value == nullptr) continue;
    if (npu::json::text_prefix(*value, kMaxFieldBytes + 1).size() <= kMaxFieldBytes) {
      kept.emplace(name, std::move(*value));
    } else if (fine) {
      fine = fail(ErrorCode::kTooLarge,
                  fmt::format("{} must take at most {} bytes as JSON text", name, kMaxFieldBytes));
    }
  }
  body = std::move(kept);
  return fine;
}

std::string for_log(std::string_view text) {
  std::string line(text.substr(0, kMaxEcho));
  std::ranges::replace_if(line, [](char c) { return c < ' ' || c >= 0x7f; }, '?');
  return line;
}

Result<ModelFields> model_fields(const json::object& body, std::string_view missing) {
  const auto* path = present(body, "model_path");
  if (path == nullptr || (path->is_string() && path->get_string().empty())) {
    return fail(ErrorCode::kInvalidArgument, std::string(missing));
  }
  ModelFields fields;
  auto text = text_field(*path, "model_path");
  if (!text) return fail(text.error());
  fields.path = std::move(*text);
  if (const auto* type = present(body, "model_type")) {
    auto name = text_field(*type, "model_type");
    if (!name) return fail(name.error());
    fields.type = std::move(*name);
  }
  if (const auto* params = present(body, "model_params")) {
    fields.params = params->if_object();
    if (fields.params == nullptr) return wrong("model_params", "an object", *params);
    if (fields.params->empty()) fields.params = nullptr;  // what clients send that have none
  }
  return fields;
}

Result<PolicyFields> policy_fields(const json::object& body) {
  PolicyFields fields;
  if (const auto* value = present(body, "priority")) {
    const auto priority = priority_of(*value);
    if (!priority) return fail(priority.error());
    fields.priority = *priority;
  }
  if (const auto* value = present(body, "timeout_ms")) {
    const auto timeout = timeout_of(*value);
    if (!timeout) return fail(timeout.error());
    fields.timeout = *timeout;
  }
  if (const auto* value = present(body, "keep_alive")) {
    const auto keep_alive = keep_alive_of(*value);
    if (!keep_alive) return fail(keep_alive.error());
    fields.keep_alive = *keep_alive;
  }
  if (const auto* value = present(body, "pin")) {
    if (!value->is_bool()) return wrong("pin", "true or false", *value);
    fields.pin = value->get_bool();
  }
  return fields;
}

Result<bool> flag_field(const json::object& body, std::string_view name) {
  const auto* value = present(body, name);
  if (value == nullptr) return false;
  if (!value->is_bool()) return wrong(name, "true or false", *value);
  return value->get_bool();
}

Result<std::uint64_t> count_field(const json::object& body, std::string_view name) {
  const auto* value = present(body, name);
  if (value == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} must be a whole number, and is missing", name));
  }
  if (value->is_int64() && value->get_int64() >= 0)
    return static_cast<std::uint64_t>(value->get_int64());
  if (value->is_uint64()) return value->get_uint64();
  return wrong(name, "a whole number that is not negative", *value);
}

}  // namespace npu::manager
